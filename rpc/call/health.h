// Which services of a server are fit to be called: what its health service answers. Internal to
// rpc/.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dialtone/rpc/service.h"
#include "dialtone/transport/mutex.h"

namespace dialtone::internal {

// Thread-safe.
class Health {
 public:
  // The server as a whole.
  static constexpr std::string_view kOverall = "";

  // True to begin with. A name that nobody has added is added.
  void Set(std::string_view service, bool serving);
  // Adds a service, unless Set() has spoken of it already.
  void Add(std::string_view service);
  void BeginServing();
  // From now on nothing is fit, whatever Set() says.
  void BeginDrain();
  // nullopt: there is no such service.
  std::optional<bool> IsServing(std::string_view service) const;

 private:
  mutable Mutex mutex_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, bool, std::less<>> services_ ABSL_GUARDED_BY(mutex_){
      {std::string(kOverall), true}};
};

// "grpc.health.v1.Health"; `health` outlives it. Defined in rpc/health/.
std::unique_ptr<Service> MakeHealthService(const Health& health);
std::string_view HealthServiceName();

}  // namespace dialtone::internal
