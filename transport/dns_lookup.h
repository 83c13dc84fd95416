// One name asked for in DNS, through c-ares; without c-ares (dns_lookup_none.cc) the answer is
// UNIMPLEMENTED. Knows no thread and no clock: its owner polls for it. Internal.
#pragma once

#include <poll.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "dialtone/transport/instant.h"
#include "dialtone/transport/names.h"

namespace dialtone {

// By one thread at a time.
class DnsLookup {
 public:
  virtual ~DnsLookup() = default;

  // Adds the sockets to wait for.
  virtual void AddTo(std::vector<pollfd>& polled) = 0;
  // When Process() must be called at the latest, as of `now`.
  virtual Instant due(Instant now) = 0;
  // After a sleep: with what poll() said of the sockets that were added, or with anything else's.
  virtual void Process(const std::vector<pollfd>& polled, Instant now) = 0;
  virtual bool done() const = 0;
  // Once, when done.
  virtual absl::StatusOr<NameAnswer> Take() = 0;
};

// Asks at once. `host` must be a host name; errors name it: "resolve db.example: no such name".
std::unique_ptr<DnsLookup> NewDnsLookup(const std::string& host, const NameOptions& options,
                                        Instant now);

}  // namespace dialtone
