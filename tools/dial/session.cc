#include "session.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "command_help.h"
#include "exit_code.h"
#include "interrupt.h"
#include "method_names.h"

namespace dial {
namespace {

std::string ExpectedWords(const std::string& command) {
  for (const CommandHelp* help = kCommands; help->name != nullptr; ++help) {
    if (command == help->name) return help->words;
  }
  return "ADDRESS";
}

absl::Status AddHeader(const std::string& header, dialtone::Metadata& metadata) {
  const size_t colon = header.find(':');
  if (colon == std::string::npos)
    return UsageError(absl::StrCat("--header \"", header, "\": write 'name: value'"));
  const std::string name(absl::StripAsciiWhitespace(header.substr(0, colon)));
  const std::string text(absl::StripAsciiWhitespace(header.substr(colon + 1)));
  std::string value = text;
  if (absl::EndsWith(name, "-bin") && !absl::Base64Unescape(text, &value)) {
    return UsageError(
        absl::StrCat("--header \"", header, "\": the value of a name in -bin is base64"));
  }
  const absl::Status added = metadata.Add(name, value);
  if (!added.ok()) return UsageError(absl::StrCat("--header \"", header, "\": ", added.message()));
  return absl::OkStatus();
}

}  // namespace

absl::Status Session::ReadWords(size_t names_min, size_t names_max, bool needs_server) {
  std::vector<std::string> words = line_.words;
  const bool may_lack_address = !needs_server && line_.has_schema_files();
  const bool has_address = !words.empty() && (!may_lack_address || words.size() > names_max ||
                                              words[0].find(':') != std::string::npos);
  if (has_address) {
    address_ = words[0];
    words.erase(words.begin());
  }
  if ((!has_address && !may_lack_address) || words.size() < names_min || words.size() > names_max) {
    return UsageError(absl::StrCat(has_address || may_lack_address ? "" : "no address; ", "dial ",
                                   line_.command, " takes ", ExpectedWords(line_.command),
                                   "; see dial ", line_.command, " --help"));
  }
  names_ = std::move(words);
  return absl::OkStatus();
}

dialtone::Channel& Session::channel() {
  if (kept_.channel == nullptr) kept_.channel = NewChannel();
  return *kept_.channel;
}

dialtone::Channel& Session::schema_channel() {
  if (line_.message_bytes_max >= CommandLine().message_bytes_max) return channel();
  if (kept_.schema_channel == nullptr)
    kept_.schema_channel = std::make_unique<dialtone::Channel>(address_);
  return *kept_.schema_channel;
}

std::unique_ptr<dialtone::Channel> Session::NewChannel(dialtone::ChannelOptions options) const {
  options.limits.message_bytes_max = line_.message_bytes_max;
  // One that many commands share serves those with -v, too.
  if (line_.verbose || kept_.surroundings.are_shared) options.want_server_times = true;
  return std::make_unique<dialtone::Channel>(address_, options);
}

absl::StatusOr<Schema*> Session::schema() {
  if (!line_.has_schema_files()) {
    const absl::StatusOr<dialtone::CallOptions> options = call_options();
    if (!options.ok()) return options.status();
    if (kept_.schema == nullptr) {
      kept_.schema = Schema::FromServer(schema_channel(), *options);
    } else {
      kept_.schema->AskWith(*options);
    }
  }
  if (kept_.schema != nullptr) return kept_.schema.get();
  absl::StatusOr<std::unique_ptr<Schema>> read =
      line_.protos.empty() ? Schema::FromDescriptorSet(line_.descriptor_set)
                           : Schema::FromFiles(line_.protos, line_.import_dirs);
  if (!read.ok()) return read.status();
  kept_.schema = *std::move(read);
  return kept_.schema.get();
}

absl::StatusOr<const DynamicMethod*> Session::FindMethod(const std::string& name) {
  const absl::StatusOr<Schema*> found_in = schema();
  if (!found_in.ok()) return found_in.status();
  const absl::StatusOr<std::string> full_name = FullMethodName(**found_in, name);
  if (!full_name.ok()) return full_name.status();
  const absl::StatusOr<const google::protobuf::MethodDescriptor*> method =
      (*found_in)->FindMethod(*full_name);
  if (!method.ok()) return method.status();
  std::unique_ptr<DynamicMethod>& known = kept_.methods[*method];
  if (known == nullptr) known = std::make_unique<DynamicMethod>(**method, (*found_in)->messages());
  return known.get();
}

void Session::Reload() {
  kept_.channel.reset();
  kept_.schema_channel.reset();
  kept_.methods.clear();
  kept_.schema.reset();
}

absl::StatusOr<dialtone::CallOptions> Session::call_options() const {
  dialtone::CallOptions options;
  for (const std::string& header : line_.headers) {
    absl::Status added = AddHeader(header, options.metadata);
    if (!added.ok()) return added;
  }
  if (line_.timeout.has_value()) options.set_timeout(*line_.timeout);
  return options;
}

int Session::Fail(const absl::Status& status) {
  if (Interrupted()) return kExitInterrupted;
  return output_.Fail(status, kept_.schema == nullptr ? nullptr : &kept_.schema->pool());
}

}  // namespace dial
