#include "http_post.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"

namespace dialtone::internal {
namespace {

// The answer is of no interest, so a collector that says more is not listened to.
constexpr size_t kAnswerBytesMax = 64 * 1024;
// A wait is cut into such parts at most, as libcurl counts milliseconds in an int.
constexpr absl::Duration kWaitMax = absl::Minutes(1);

size_t Swallow(char*, size_t size, size_t count, void* swallowed) {
  size_t& bytes = *static_cast<size_t*>(swallowed);
  bytes += size * count;
  return bytes > kAnswerBytesMax ? 0 : size * count;
}

// Which of the answers ask for another attempt: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
bool MaySucceedLater(long code) { return code == 429 || code == 502 || code == 503 || code == 504; }

void InitialiseOnce() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  DIALTONE_CHECK(done == CURLE_OK, "libcurl does not start");
}

}  // namespace

struct HttpPost::Curl {
  Curl() {
    InitialiseOnce();
    multi = curl_multi_init();
    easy = curl_easy_init();
    DIALTONE_CHECK(multi != nullptr && easy != nullptr, "libcurl has no memory");
  }
  ~Curl() {
    curl_easy_cleanup(easy);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
  }
  template <class Value>
  void Set(CURLoption option, Value value) {
    DIALTONE_CHECK(curl_easy_setopt(easy, option, value) == CURLE_OK, "libcurl knows its options");
  }
  void AddHeader(const std::string& line) { headers = curl_slist_append(headers, line.c_str()); }

  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  size_t answer_bytes = 0;
  std::array<char, CURL_ERROR_SIZE> error{};
};

absl::Status HttpPost::Validate(const OtlpOptions& options) {
  const std::string& endpoint = options.endpoint;
  if (endpoint.starts_with("http://") || endpoint.starts_with("https://")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("OtlpOptions::endpoint \"", endpoint, "\" is no http:// or https:// address"));
}

HttpPost::HttpPost(const OtlpOptions& options)
    : endpoint_(options.endpoint), curl_(std::make_unique<Curl>()) {
  curl_->AddHeader("content-type: application/json");
  curl_->AddHeader("expect:");  // or libcurl asks first whether it may send
  for (const auto& [name, value] : options.headers)
    curl_->AddHeader(absl::StrCat(name, ": ", value));
  curl_->Set(CURLOPT_URL, endpoint_.c_str());
  curl_->Set(CURLOPT_PROTOCOLS_STR, "http,https");
  curl_->Set(CURLOPT_NOSIGNAL, 1L);
  // Who gives an attempt up does not wait for the thread that looks the name up, which a silent name server may hold for
  // longer: it ends by itself.
  curl_->Set(CURLOPT_QUICK_EXIT, 1L);
  curl_->Set(CURLOPT_USERAGENT, "dialtone");
  curl_->Set(CURLOPT_HTTPHEADER, curl_->headers);
  curl_->Set(CURLOPT_WRITEFUNCTION, &Swallow);
  curl_->Set(CURLOPT_WRITEDATA, &curl_->answer_bytes);
  curl_->Set(CURLOPT_ERRORBUFFER, curl_->error.data());
  const int64_t timeout = std::max<int64_t>(1, absl::ToInt64Milliseconds(options.timeout));
  curl_->Set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout));
}

HttpPost::~HttpPost() {
  if (under_way_) curl_multi_remove_handle(curl_->multi, curl_->easy);
}

void HttpPost::Start(std::string body) {
  DIALTONE_CHECK(!under_way_, "one POST at a time");
  body_ = std::move(body);
  curl_->answer_bytes = 0;
  curl_->error[0] = '\0';
  curl_->Set(CURLOPT_POSTFIELDS, body_.data());
  curl_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  DIALTONE_CHECK(curl_multi_add_handle(curl_->multi, curl_->easy) == CURLM_OK, "libcurl takes it");
  under_way_ = true;
}

std::optional<PostResult> HttpPost::Wait(absl::Duration timeout) {
  int running = 0;
  if (under_way_) curl_multi_perform(curl_->multi, &running);
  if (!under_way_ || running > 0) {
    const absl::Duration wait = std::clamp(timeout, absl::ZeroDuration(), kWaitMax);
    curl_multi_poll(
        curl_->multi, nullptr, 0,
        static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)))),
        nullptr);
    if (under_way_) curl_multi_perform(curl_->multi, &running);
  }
  int left = 0;
  const CURLMsg* const message = curl_multi_info_read(curl_->multi, &left);
  if (message == nullptr || message->msg != CURLMSG_DONE) return std::nullopt;
  const CURLcode code = message->data.result;
  curl_multi_remove_handle(curl_->multi, curl_->easy);
  under_way_ = false;
  // Once an answer's body has begun its status code counts, however the rest of it fares: 200 has taken what was sent.
  const bool answered = code == CURLE_OK || curl_->answer_bytes > 0;
  if (!answered) {
    const char* const why =
        curl_->error[0] != '\0' ? curl_->error.data() : curl_easy_strerror(code);
    return PostResult{absl::UnavailableError(absl::StrCat("POST ", endpoint_, ": ", why)), true};
  }
  long http_code = 0;
  curl_easy_getinfo(curl_->easy, CURLINFO_RESPONSE_CODE, &http_code);
  if (http_code >= 200 && http_code < 300) return PostResult{absl::OkStatus(), false};
  return PostResult{absl::UnknownError(absl::StrCat("POST ", endpoint_, ": HTTP ", http_code)),
                    MaySucceedLater(http_code)};
}

void HttpPost::Wake() { curl_multi_wakeup(curl_->multi); }

}  // namespace dialtone::internal
