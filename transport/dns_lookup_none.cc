// What takes dns_lookup.cc's place in a build without c-ares.
#include "absl/strings/str_cat.h"
#include "dns_lookup.h"

namespace dialtone {
namespace {

class NoDns final : public DnsLookup {
 public:
  explicit NoDns(const std::string& host)
      : status_(absl::UnimplementedError(absl::StrCat(
            "resolve ", host,
            ": it is not in the hosts file, and this build asks no name server (c-ares was not "
            "there when it was built)"))) {}

  void AddTo(std::vector<pollfd>&) override {}
  Instant due(Instant now) override { return now; }
  void Process(const std::vector<pollfd>&, Instant) override {}
  bool done() const override { return true; }
  absl::StatusOr<NameAnswer> Take() override { return status_; }

 private:
  const absl::Status status_;
};

}  // namespace

std::unique_ptr<DnsLookup> NewDnsLookup(const std::string& host, const NameOptions&, Instant) {
  return std::make_unique<NoDns>(host);
}

}  // namespace dialtone
