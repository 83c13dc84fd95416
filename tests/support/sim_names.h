// The simulated world's name service: answers as a test scripts them, in virtual time.
//
//   network.names().Set("db.example", {"10.0.0.1", "10.0.0.2"}, absl::Seconds(30));
//   network.names().Silence("lost.example");          // questions about it are never answered
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "dialtone/transport/names.h"
#include "support/sim_event.h"
#include "support/sim_world.h"

namespace dialtone {

// One thread, as all of the simulation. Names that nobody has set do not exist.
class SimNames {
 public:
  explicit SimNames(SimWorld& world);
  // Lookups under way end with CANCELLED.
  ~SimNames();

  // What lookups that end from now on are answered with. No address: as a name without records.
  void Set(const std::string& name, const std::vector<std::string>& ips, absl::Duration ttl);
  // As a name server that fails: `reason` stands in the error.
  void Fail(const std::string& name, const std::string& reason);
  void Silence(const std::string& name);
  void Remove(const std::string& name) { names_.erase(name); }
  // From a question to its answer; 1 ms at first.
  void SetDelay(absl::Duration delay) { delay_ = delay; }
  // Lookups begun so far, of one name.
  size_t lookups(const std::string& name) const;

  // As Network::LookUp().
  void LookUp(std::string_view host, const NameOptions& options, NameCallback done);

 private:
  struct Entry {
    std::vector<Address> addresses;
    absl::Duration ttl;
    std::string failure;
    bool silent = false;
  };
  struct Question;

  void Answer(Question& question);
  absl::StatusOr<NameAnswer> Find(const Question& question) const;

  SimWorld& world_;
  absl::Duration delay_ = absl::Milliseconds(1);
  std::map<std::string, Entry> names_;
  std::map<std::string, size_t> lookups_;
  std::vector<std::unique_ptr<Question>> questions_;
};

}  // namespace dialtone
