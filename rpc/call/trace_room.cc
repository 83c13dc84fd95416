#include "trace_room.h"

#include <string_view>

namespace dialtone::internal {
namespace {

bool Fits(const Metadata& metadata, const MetadataRoom& room) {
  if (metadata.size() > room.pairs) return false;
  size_t bytes = 0;
  for (const auto& [key, value] : metadata) bytes += key.size() + value.size() + room.bytes_a_pair;
  return bytes <= room.bytes;
}

Metadata Without(std::string_view key, const Metadata& metadata, size_t own_pairs) {
  Metadata rest;
  size_t at = 0;
  for (const auto& pair : metadata) {
    if (at++ < own_pairs || pair.first != key) rest.AddUnchecked(pair.first, pair.second);
  }
  return rest;
}

}  // namespace

const Metadata& FitTrace(const RequestHead& head, const MetadataRoom& room, Metadata& shorter) {
  const Metadata& all = *head.metadata;
  if (all.size() == head.own_pairs || Fits(all, room)) return all;
  shorter = Without("tracestate", all, head.own_pairs);
  if (!Fits(shorter, room)) shorter = Without("traceparent", shorter, head.own_pairs);
  return shorter;
}

}  // namespace dialtone::internal
