// What all commands need: the line, where results go, and, once asked for, the channel to the server and the schema.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "command_line.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dynamic_call.h"
#include "output.h"
#include "schema.h"

namespace dial {

// Used by one thread.
class Session {
 public:
  explicit Session(const CommandLine& line) : line_(line), output_(line.json, line.colour) {}

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
  // One more to the same address.
  std::unique_ptr<dialtone::Channel> NewChannel(
      dialtone::ChannelOptions options = dialtone::ChannelOptions()) const;
  // Asked for at first use; descriptors live as long as the session.
  absl::StatusOr<Schema*> schema();
  // A method to be called, by its name; lives as long as the session.
  absl::StatusOr<const DynamicMethod*> FindMethod(const std::string& name);
  // Metadata and timeout of the command line.
  absl::StatusOr<dialtone::CallOptions> call_options() const;

  int Fail(const absl::Status& status);

 private:
  const CommandLine& line_;
  const Output output_;
  std::string address_;
  std::vector<std::string> names_;
  // The channel ends before the methods, to which it keeps pointers, and those before the schema.
  std::unique_ptr<Schema> schema_;
  std::vector<std::unique_ptr<DynamicMethod>> methods_;
  std::unique_ptr<dialtone::Channel> channel_;
};

}  // namespace dial
