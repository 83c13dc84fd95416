#include "dialtone/otlp/otlp_exporter.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/check.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"
#include "http_post.h"
#include "otlp_json.h"
#include "span_queue.h"

namespace dialtone::internal {
namespace {

Instant Now() {
  const auto since_boot = std::chrono::steady_clock::now().time_since_epoch();
  return Instant::FromNanoseconds(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since_boot).count());
}

// A batch on its way, until it is taken or given up.
struct Batch {
  size_t spans = 0;
  std::string body;
  uint32_t attempts = 0;
  Instant next_attempt;
};

void LogLost(size_t spans, std::string_view why) {
  static constinit LogKind kind(LogLevel::kWarning, "spans that were lost");
  if (kind.Admits()) Log(kind.level(), absl::StrCat("otlp: ", spans, " spans lost: ", ToAbsl(why)));
}

}  // namespace

// The queue, and the thread that empties it.
class OtlpSender {
 public:
  explicit OtlpSender(const OtlpOptions& options)
      : options_(options), queue_(options), post_(options) {
    const absl::Status valid = HttpPost::Validate(options);
    DIALTONE_CHECK(valid.ok(), std::string(valid.message()).c_str());
    thread_ = std::thread([this] { Run(); });
  }
  ~OtlpSender() {
    stop_at_.store((Now() + options_.flush_timeout).nanoseconds(), std::memory_order_release);
    post_.Wake();
    thread_.join();
  }

  void Add(Span&& span) {
    bool wake = false;
    {
      MutexLock lock(mutex_);
      if (!queue_.Add(std::move(span), Now()))
        return Lose(1, "OtlpOptions::queue_max wait already");
      wake = queue_.tells_sender();
    }
    if (wake) post_.Wake();
  }
  uint64_t sent() const { return sent_.load(std::memory_order_relaxed); }
  uint64_t dropped() const { return dropped_.load(std::memory_order_acquire); }

 private:
  // Who sees the count finds the line.
  void Lose(size_t spans, std::string_view why) {
    LogLost(spans, why);
    dropped_.fetch_add(spans, std::memory_order_release);
  }
  Instant stop_at() const {
    return Instant::FromNanoseconds(stop_at_.load(std::memory_order_acquire));
  }
  bool stopping() const { return !stop_at().infinite(); }

  void Run() {
    while (true) {
      const Instant now = Now();
      if (!batch_.has_value()) TakeBatch(now);
      if (stopping() && (!batch_.has_value() || now >= stop_at())) break;
      if (batch_.has_value() && !post_.under_way() && now >= batch_->next_attempt) {
        ++batch_->attempts;
        post_.Start(batch_->body);
      }
      if (const auto result = post_.Wait(NextLook() - now)) OnResult(*result);
    }
    MutexLock lock(mutex_);
    const size_t left = queue_.size() + (batch_.has_value() ? batch_->spans : 0);
    if (left == 0) return;
    Lose(left, "OtlpOptions::flush_timeout was over");
  }

  // When there is something to do that nobody wakes this thread for.
  Instant NextLook() {
    Instant next = stop_at();
    if (batch_.has_value()) {
      if (!post_.under_way()) next = std::min(next, batch_->next_attempt);
      return next;
    }
    MutexLock lock(mutex_);
    return std::min(next, queue_.due());
  }

  void TakeBatch(Instant now) {
    std::vector<Span> spans;
    {
      MutexLock lock(mutex_);
      if (now >= queue_.due() || stopping()) spans = queue_.Take();
    }
    if (spans.empty()) return;
    batch_.emplace();
    batch_->spans = spans.size();
    batch_->body = OtlpJson(spans, options_);
    batch_->next_attempt = now;
  }

  void OnResult(const PostResult& result) {
    if (result.status.ok()) {
      sent_.fetch_add(batch_->spans, std::memory_order_relaxed);
      return batch_.reset();
    }
    if (result.may_succeed_later && batch_->attempts < options_.attempts_max) {
      constexpr uint32_t kDoublingsMax = 10;
      batch_->next_attempt =
          Now() + options_.retry_delay * (1 << std::min(batch_->attempts - 1, kDoublingsMax));
      return;
    }
    Lose(batch_->spans, ToStd(result.status.message()));
    batch_.reset();
  }

  const OtlpOptions options_;
  Mutex mutex_;
  SpanQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::atomic<uint64_t> sent_{0};
  std::atomic<uint64_t> dropped_{0};
  std::atomic<int64_t> stop_at_{Instant::Infinite().nanoseconds()};  // set once
  // The thread's own, but for Wake().
  HttpPost post_;
  std::optional<Batch> batch_;
  std::thread thread_;
};

}  // namespace dialtone::internal

namespace dialtone {

OtlpExporter::OtlpExporter(const OtlpOptions& options)
    : sender_(std::make_unique<internal::OtlpSender>(options)) {}
OtlpExporter::~OtlpExporter() = default;

void OtlpExporter::Export(Span span) { sender_->Add(std::move(span)); }
uint64_t OtlpExporter::sent() const { return sender_->sent(); }
uint64_t OtlpExporter::dropped() const { return sender_->dropped(); }

}  // namespace dialtone
