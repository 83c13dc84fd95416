#include "dialtone/rpc/metrics.h"

#include <algorithm>
#include <cmath>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

template <class Map>
const MethodMetrics* FindIn(const Map& methods, std::string_view path) {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [path](const auto& m) { return m.path == path; });
  return found == methods.end() ? nullptr : &*found;
}

// Both are sorted by path.
void MergeMethods(std::vector<MethodMetrics>& into, const std::vector<MethodMetrics>& from) {
  for (const MethodMetrics& method : from) {
    const auto place =
        std::lower_bound(into.begin(), into.end(), method.path,
                         [](const auto& m, const auto& path) { return m.path < path; });
    if (place != into.end() && place->path == method.path) {
      place->Merge(method);
    } else {
      into.insert(place, method);
    }
  }
}

struct LimitNames {
  std::string_view name;
  std::string_view kind;
};

// In the order of ServerLimit.
constexpr std::array<LimitNames, kServerLimits> kLimitNames{{
    {"unknown_method", "call"},
    {"deadline_passed", "call"},
    {"concurrency", "call"},
    {"method_concurrency", "call"},
    {"streams", "call"},
    {"metadata_bytes", "call"},
    {"handler_queue", "call"},
    {"draining", "call"},
    {"worker_queue", "call"},
    {"bytes_in_flight", "call"},
    {"message_bytes", "call"},
    {"connections", "connection"},
    {"connections_per_peer", "connection"},
    {"handshake_timeout", "connection"},
    {"unknown_protocol", "connection"},
    {"protocol_error", "connection"},
    {"control_frames", "connection"},
    {"pings", "connection"},
    {"ping_timeout", "connection"},
    {"write_stall", "connection"},
    {"idle_timeout", "connection"},
    {"max_age", "connection"},
    {"max_age_grace", "connection"},
}};

}  // namespace

std::string_view ServerLimitName(ServerLimit limit) {
  return kLimitNames[static_cast<size_t>(limit)].name;
}
std::string_view ServerLimitKind(ServerLimit limit) {
  return kLimitNames[static_cast<size_t>(limit)].kind;
}

std::string_view ConnectionEndName(ConnectionEnd end) {
  constexpr std::array<std::string_view, kConnectionEnds> kNames{"lost", "drained", "closed"};
  return kNames[static_cast<size_t>(end)];
}

// --- LatencyHistogram ---

absl::Duration LatencyHistogram::mean() const {
  return count_ == 0 ? absl::ZeroDuration() : sum_ / static_cast<double>(count_);
}

absl::Duration LatencyHistogram::Percentile(double share) const {
  if (count_ == 0) return absl::ZeroDuration();
  const double exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t rank = std::clamp<uint64_t>(static_cast<uint64_t>(exact), 1, count_);
  uint64_t below = 0;
  uint32_t index = 0;
  for (const Bucket& bucket : buckets_) {
    index = bucket.index;
    below += bucket.count;
    if (below >= rank) break;
  }
  const auto [lowest, width] = RangeOf(index);
  return absl::Nanoseconds(lowest + width / 2);
}

uint64_t LatencyHistogram::CountUpTo(absl::Duration bound) const {
  const size_t last = BucketOf(absl::ToInt64Nanoseconds(bound));
  uint64_t count = 0;
  for (const Bucket& bucket : buckets_) {
    if (bucket.index > last) break;
    count += bucket.count;
  }
  return count;
}

void LatencyHistogram::AddBucket(uint32_t index, uint64_t count) {
  DIALTONE_CHECK(index < kBuckets && (buckets_.empty() || buckets_.back().index < index),
                 "buckets are added by rising index");
  if (count == 0) return;
  buckets_.push_back(Bucket{index, count});
  count_ += count;
}

void LatencyHistogram::Merge(const LatencyHistogram& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto mine = buckets_.begin();
  for (const Bucket& theirs : other.buckets_) {
    while (mine != buckets_.end() && mine->index < theirs.index) merged.push_back(*mine++);
    merged.push_back(theirs);
    if (mine != buckets_.end() && mine->index == theirs.index) merged.back().count += mine++->count;
  }
  merged.insert(merged.end(), mine, buckets_.end());
  buckets_ = std::move(merged);
  count_ += other.count_;
  sum_ += other.sum_;
}

// --- Methods, loops ---

uint64_t MethodMetrics::ended_total() const {
  uint64_t sum = 0;
  for (const uint64_t count : ended) sum += count;
  return sum;
}

uint64_t MethodMetrics::in_flight() const {
  const uint64_t over = ended_total();
  return started > over ? started - over : 0;
}

void MethodMetrics::Merge(const MethodMetrics& other) {
  started += other.started;
  for (size_t i = 0; i < ended.size(); ++i) ended[i] += other.ended[i];
  messages_in += other.messages_in;
  messages_out += other.messages_out;
  bytes_in += other.bytes_in;
  bytes_out += other.bytes_out;
  queue.Merge(other.queue);
  handler.Merge(other.handler);
  total.Merge(other.total);
}

double LoopMetrics::BusyShare() const { return BusyShare(LoopMetrics()); }
double LoopMetrics::BusyShare(const LoopMetrics& before) const {
  const absl::Duration time = age - before.age;
  if (time <= absl::ZeroDuration()) return 0;
  return std::clamp(1 - absl::FDivDuration(idle - before.idle, time), 0.0, 1.0);
}

// --- Servers and channels ---

const MethodMetrics* ServerMetrics::Find(std::string_view path) const {
  return FindIn(methods, path);
}

void ServerMetrics::Merge(const ServerMetrics& other) {
  serving = serving && other.serving;
  age = std::max(age, other.age);
  MergeMethods(methods, other.methods);
  loops.insert(loops.end(), other.loops.begin(), other.loops.end());
  for (size_t i = 0; i < limits.size(); ++i) limits[i] += other.limits[i];
  connections += other.connections;
  connections_accepted += other.connections_accepted;
  bytes_held += other.bytes_held;
}

const MethodMetrics* ChannelMetrics::Find(std::string_view path) const {
  return FindIn(methods, path);
}

void ChannelMetrics::Merge(const ChannelMetrics& other) {
  MergeMethods(methods, other.methods);
  connects += other.connects;
  connects_failed += other.connects_failed;
  connections_made += other.connections_made;
  connections += other.connections;
  for (size_t i = 0; i < kConnectionEnds; ++i) connections_closed[i] += other.connections_closed[i];
}

}  // namespace dialtone
