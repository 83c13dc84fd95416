#include "dialtone/rpc/tracing.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "call_timer.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "lot.h"

namespace dialtone {
namespace {

// What is kept of a call that is recorded.
struct OpenSpan {
  std::shared_ptr<const TraceContext> trace;
  SpanId parent_id{};
  CallTimer timer;
};

// "greeter.Greeter/Greet" of "/greeter.Greeter/Greet"
std::string_view NameOf(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

// Whether an error is a server's own failure, by OpenTelemetry's conventions: of the others, such as NOT_FOUND, its client is
// the cause.
bool IsServersFailure(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDataLoss:
      return true;
    default:
      return false;
  }
}

// Of an IP address without its port: "127.0.0.1", "::1".
std::string HostOf(const Address& address) {
  if (!address.is_ip()) return address.unix_path();
  std::string text = address.ToString();
  text.resize(text.rfind(':'));
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  return text;
}

void Describe(std::string_view path, const Address& peer, const absl::Status& status, Span& span) {
  span.name = std::string(NameOf(path));
  span.status = status;
  const size_t slash = span.name.rfind('/');
  span.attributes.emplace_back("rpc.system", "dialtone");
  if (slash != std::string::npos) {
    span.attributes.emplace_back("rpc.service", span.name.substr(0, slash));
    span.attributes.emplace_back("rpc.method", span.name.substr(slash + 1));
  }
  span.attributes.emplace_back("rpc.dialtone.status_code", static_cast<int64_t>(status.code()));
  if (peer.family() == Address::Family::kNone) return;
  span.attributes.emplace_back("network.peer.address", HostOf(peer));
  if (peer.is_ip()) span.attributes.emplace_back("network.peer.port", int64_t{peer.port()});
  span.attributes.emplace_back("network.transport", peer.is_ip() ? "tcp" : "unix");
}

// What both sides do.
class Tracer {
 public:
  Tracer(std::shared_ptr<SpanExporter> exporter, const TracingOptions& options)
      : exporter_(std::move(exporter)), options_(options) {
    DIALTONE_CHECK(exporter_ != nullptr, "tracing has an exporter");
    if (!options_.random) options_.random = RandomNumber;
  }

  // The trace that a call below `parent` (null: none) belongs to. Nothing: it goes on as it came.
  std::shared_ptr<const TraceContext> Begin(const TraceContext* parent) const {
    TraceContext own;
    if (parent != nullptr) {
      own = *parent;
      if (!options_.follow_parent) own.sampled = IsOfTheShare(own.trace_id);
      if (!own.sampled && !parent->sampled) return nullptr;
    } else {
      Fill(own.trace_id);
      own.sampled = IsOfTheShare(own.trace_id);
    }
    Fill(own.span_id);
    return std::make_shared<const TraceContext>(std::move(own));
  }
  void Open(std::shared_ptr<const TraceContext> trace, const TraceContext* parent,
            const void* owner, CallNotes& notes) const {
    OpenSpan& span = notes.Make<OpenSpan>(owner);
    span.trace = std::move(trace);
    if (parent != nullptr) span.parent_id = parent->span_id;
    span.timer.Begin(options_);
  }
  Span Close(OpenSpan& open) const {
    Span span;
    span.context = *open.trace;
    span.parent_id = open.parent_id;
    span.start = open.timer.start();
    span.end = span.start + open.timer.Elapsed(options_);
    return span;
  }
  void Export(Span span) const { exporter_->Export(std::move(span)); }

 private:
  // By the trace's id alone, so that all who ask for a share agree.
  bool IsOfTheShare(const TraceId& id) const {
    uint64_t number = 0;
    for (size_t i = 8; i < id.size(); ++i) number = number << 8 | id[i];
    return IsOfShare(number, options_.ratio);
  }
  template <size_t kBytes>
  void Fill(std::array<uint8_t, kBytes>& id) const {
    for (size_t i = 0; i < kBytes; i += 8) {
      uint64_t number = options_.random();
      if (number == 0) number = 1;  // zeros mean that there is no id
      for (size_t k = 0; k < 8; ++k) id[i + k] = static_cast<uint8_t>(number >> (8 * k));
    }
  }

  const std::shared_ptr<SpanExporter> exporter_;
  TracingOptions options_;
};

class TracingServer final : public ServerObserver {
 public:
  TracingServer(std::shared_ptr<SpanExporter> exporter, const TracingOptions& options)
      : tracer_(std::move(exporter), options) {}

  absl::Status OnStart(ServerCall& call) override {
    const TraceContext* const parent = call.context().trace();
    std::shared_ptr<const TraceContext> own = tracer_.Begin(parent);
    if (own == nullptr) return absl::OkStatus();
    if (own->sampled) tracer_.Open(own, parent, this, call.notes());
    call.set_trace(std::move(own));
    return absl::OkStatus();
  }
  void OnEnd(ServerCall& call, const absl::Status& status) override {
    OpenSpan* open = call.notes().Find<OpenSpan>(this);
    if (open == nullptr) return;
    Span span = tracer_.Close(*open);
    span.kind = SpanKind::kServer;
    span.failed = IsServersFailure(status.code());
    Describe(call.method(), call.peer(), status, span);
    tracer_.Export(std::move(span));
  }

 private:
  const Tracer tracer_;
};

class TracingClient final : public ClientObserver {
 public:
  TracingClient(std::shared_ptr<SpanExporter> exporter, const TracingOptions& options)
      : tracer_(std::move(exporter), options) {}

  absl::Status OnStart(ClientCallView& call) override {
    if (call.metadata.Get("traceparent").has_value()) return absl::OkStatus();
    const TraceContext* const parent = call.context.trace();
    std::shared_ptr<const TraceContext> own = tracer_.Begin(parent);
    if (own == nullptr) return absl::OkStatus();
    AddTrace(*own, call.metadata);
    if (own->sampled) tracer_.Open(std::move(own), parent, this, call.notes);
    return absl::OkStatus();
  }
  void OnEnd(const ClientCallView& call, const absl::Status& status) override {
    OpenSpan* open = call.notes.Find<OpenSpan>(this);
    if (open == nullptr) return;
    Span span = tracer_.Close(*open);
    span.kind = SpanKind::kClient;
    span.failed = !status.ok();
    Describe(call.method.path, call.peer, status, span);
    if (call.attempts != 1)
      span.attributes.emplace_back("dialtone.attempts", int64_t{call.attempts});
    tracer_.Export(std::move(span));
  }

 private:
  const Tracer tracer_;
};

}  // namespace

std::shared_ptr<ServerObserver> ServerTracing(std::shared_ptr<SpanExporter> exporter,
                                              const TracingOptions& options) {
  return std::make_shared<TracingServer>(std::move(exporter), options);
}

std::shared_ptr<ClientObserver> ClientTracing(std::shared_ptr<SpanExporter> exporter,
                                              const TracingOptions& options) {
  return std::make_shared<TracingClient>(std::move(exporter), options);
}

}  // namespace dialtone
