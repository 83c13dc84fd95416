#include "dialtone/rpc/access_log.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "call_timer.h"
#include "dialtone/rpc/trace_context.h"
#include "dialtone/transport/absl_strings.h"
#include "lot.h"

namespace dialtone {
namespace {

// What is kept of a call until its end.
struct Passing {
  CallTimer timer;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

class AccessLogger final : public ServerObserver {
 public:
  explicit AccessLogger(const AccessLogOptions& options) : options_(options) {
    if (!options_.random) options_.random = RandomNumber;
  }

  absl::Status OnStart(ServerCall& call) override {
    if (LogEnabled(options_.level)) call.notes().Make<Passing>(this).timer.Begin(options_);
    return absl::OkStatus();
  }
  void OnMessageIn(ServerCall& call, const google::protobuf::MessageLite& request) override {
    if (auto* passing = call.notes().Find<Passing>(this))
      passing->bytes_in += request.ByteSizeLong();
  }
  void OnMessageOut(ServerCall& call, const google::protobuf::MessageLite& reply) override {
    if (auto* passing = call.notes().Find<Passing>(this))
      passing->bytes_out += reply.ByteSizeLong();
  }
  void OnEnd(ServerCall& call, const absl::Status& status) override {
    const auto* passing = call.notes().Find<Passing>(this);
    if (passing == nullptr) return;
    if (IsOfShare(options_.random(), status.ok() ? options_.ratio : options_.failed_ratio))
      Write(call, status, *passing);
  }

 private:
  void Write(const ServerCall& call, const absl::Status& status, const Passing& passing) const {
    const std::string_view path = call.method();
    const std::string_view method = path.starts_with('/') ? path.substr(1) : path;
    const std::string peer = call.peer().ToString();
    const std::string code = absl::StatusCodeToString(status.code());
    const std::string duration =
        absl::StrCat(absl::ToInt64Microseconds(passing.timer.Elapsed(options_)));
    const std::string bytes_in = absl::StrCat(passing.bytes_in);
    const std::string bytes_out = absl::StrCat(passing.bytes_out);
    const absl::Duration left = call.time_left();
    const std::string deadline_left =
        left == absl::InfiniteDuration() ? "" : absl::StrCat(absl::ToInt64Microseconds(left));
    const TraceContext* const trace = call.context().trace();
    const std::string trace_id = trace == nullptr ? "" : TraceIdText(trace->trace_id);

    std::string text =
        absl::StrCat("call method=", ToAbsl(method), " peer=", peer, " status=", code,
                     " duration_us=", duration, " bytes_in=", bytes_in, " bytes_out=", bytes_out);
    if (!deadline_left.empty()) absl::StrAppend(&text, " deadline_left_us=", deadline_left);
    if (!trace_id.empty()) absl::StrAppend(&text, " trace_id=", trace_id);
    Log(options_.level, text,
        {{"method", method},
         {"peer", peer},
         {"status", code},
         {"duration_us", duration},
         {"bytes_in", bytes_in},
         {"bytes_out", bytes_out},
         {"deadline_left_us", deadline_left},
         {"trace_id", trace_id}});
  }

  AccessLogOptions options_;
};

}  // namespace

std::shared_ptr<ServerObserver> AccessLog(const AccessLogOptions& options) {
  return std::make_shared<AccessLogger>(options);
}

}  // namespace dialtone
