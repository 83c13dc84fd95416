#include "resolver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialtone/transport/absl_strings.h"
#include "dialtone/transport/log.h"
#include "dialtone/transport/log_kind.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::internal {
namespace {

class NameResolver final : public Resolver, public std::enable_shared_from_this<NameResolver> {
 public:
  NameResolver(std::vector<TargetPart> parts, const NameOptions& options, Network& network,
               Listener listener)
      : parts_(std::move(parts)),
        options_(options),
        network_(network),
        listener_(std::move(listener)) {}

  void Refresh() override {
    {
      MutexLock lock(mutex_);
      if (unanswered_ > 0) return;
      answers_.assign(parts_.size(), std::nullopt);
      unanswered_ = static_cast<size_t>(std::count_if(
          parts_.begin(), parts_.end(), [](const TargetPart& part) { return part.is_name(); }));
    }
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (!parts_[i].is_name()) continue;
      NameOptions options = options_;
      if (!parts_[i].server.empty()) options.servers = {parts_[i].server};
      network_.LookUp(parts_[i].host, options,
                      [self = shared_from_this(), i](absl::StatusOr<NameAnswer> answer) {
                        self->OnAnswer(i, std::move(answer));
                      });
    }
  }

 private:
  void OnAnswer(size_t part, absl::StatusOr<NameAnswer> answer) {
    std::vector<std::optional<absl::StatusOr<NameAnswer>>> all;
    {
      MutexLock lock(mutex_);
      answers_[part] = std::move(answer);
      if (--unanswered_ > 0) return;
      all.swap(answers_);
    }
    listener_(Merge(all));
  }

  Answer Merge(const std::vector<std::optional<absl::StatusOr<NameAnswer>>>& answers) const {
    std::vector<Address> addresses;
    absl::Status failure;
    absl::Duration ttl = absl::InfiniteDuration();
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (!answers[i].has_value()) {
        addresses.push_back(parts_[i].address);
      } else if (answers[i]->ok()) {
        const NameAnswer& answer = **answers[i];
        ttl = std::min(ttl, answer.ttl);
        for (const Address& address : answer.addresses)
          addresses.push_back(address.WithPort(parts_[i].port));
      } else {
        ttl = absl::ZeroDuration();
        failure.Update(answers[i]->status());
      }
    }
    if (addresses.empty()) return Answer{failure, ttl};
    static constinit LogKind kind(LogLevel::kWarning, "parts of targets that cannot be looked up");
    if (!failure.ok() && kind.Admits()) Log(kind.level(), ToStd(failure.message()));
    return Answer{std::move(addresses), ttl};
  }

  const std::vector<TargetPart> parts_;
  const NameOptions options_;
  Network& network_;
  const Listener listener_;

  Mutex mutex_;
  size_t unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the question under way; nothing for parts that are addresses.
  std::vector<std::optional<absl::StatusOr<NameAnswer>>> answers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<Resolver> NewNameResolver(std::vector<TargetPart> parts, const NameOptions& options,
                                          Network& network, Resolver::Listener listener) {
  return std::make_shared<NameResolver>(std::move(parts), options, network, std::move(listener));
}

}  // namespace dialtone::internal
