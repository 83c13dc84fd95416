// What all commands need: the line, where results go, and, once asked for, the channel to the server and the schema.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "command_line.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dynamic_call.h"
#include "input_lines.h"
#include "output.h"
#include "schema.h"

namespace dial {

// Used by one thread.
class Session {
 public:
  // What is read of stdin, and who wants to see the replies, where many commands share one terminal or script.
  struct Surroundings {
    bool are_shared = false;
    InputLines* input = nullptr;  // null: stdin, as it is
    std::function<void(const google::protobuf::Message&)> on_reply = [](const auto&) {};
  };

  explicit Session(const CommandLine& line)
      : line_(line), output_(line.json, line.colour), kept_(own_) {}
  // On the channel of another session, with its schema and its surroundings. That one outlives it.
  Session(const CommandLine& line, Session& other)
      : line_(line),
        output_(line.json, line.colour),
        address_(other.address_),
        kept_(other.kept_) {}

  const CommandLine& line() const { return line_; }
  const Output& output() const { return output_; }

  // The address that commands begin with, and the words behind it. Where the schema comes from files, the address may be left
  // out of commands that need no server: `names` says how many words follow it at most. USAGE if words are missing or too
  // many; `usage` says what was expected.
  absl::Status ReadWords(size_t names_min, size_t names_max, bool needs_server);
  const std::string& name(size_t index) const { return names_[index]; }
  size_t names() const { return names_.size(); }

  const std::string& address() const { return address_; }
  // To the address. Made at first use.
  dialtone::Channel& channel();
  // One that reflection is asked on: what a schema takes has nothing to do with how large replies may be.
  dialtone::Channel& schema_channel();
  // One more to the same address.
  std::unique_ptr<dialtone::Channel> NewChannel(
      dialtone::ChannelOptions options = dialtone::ChannelOptions()) const;
  // Asked for at first use; descriptors live as long as the session.
  absl::StatusOr<Schema*> schema();
  // A method to be called, by its name, which may be short (method_names.h); lives as long as the session.
  absl::StatusOr<const DynamicMethod*> FindMethod(const std::string& name);
  // Metadata and timeout of the command line.
  absl::StatusOr<dialtone::CallOptions> call_options() const;

  Surroundings& surroundings() { return kept_.surroundings; }
  // Closes the channel and forgets the schema, with all descriptors and methods: they are made anew when they are needed.
  void Reload();

  // Tells of it; the exit code. After Ctrl-C it is that alone, for what fails then fails because of it.
  int Fail(const absl::Status& status);

 private:
  // The channel ends before the methods, to which it keeps pointers, and those before the schema.
  struct Kept {
    Surroundings surroundings;
    std::unique_ptr<Schema> schema;
    std::map<const google::protobuf::MethodDescriptor*, std::unique_ptr<DynamicMethod>> methods;
    std::unique_ptr<dialtone::Channel> channel;
    std::unique_ptr<dialtone::Channel> schema_channel;  // null: the same
  };

  const CommandLine& line_;
  const Output output_;
  std::string address_;
  std::vector<std::string> names_;
  Kept own_;
  Kept& kept_;
};

}  // namespace dial
