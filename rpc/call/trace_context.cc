#include "dialtone/rpc/trace_context.h"

#include <algorithm>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"

namespace dialtone {
namespace {

constexpr std::string_view kTraceparent = "traceparent";
constexpr std::string_view kTracestate = "tracestate";
constexpr size_t kVersionedBytes = 55;  // "00-<32 digits>-<16 digits>-<2 digits>"
constexpr size_t kMembersMax = 32;
constexpr size_t kStateBytesMax = 512;
constexpr size_t kLongMemberBytes = 128;  // those above are the first to be left out

constexpr char kDigits[] = "0123456789abcdef";

std::string Hexadecimal(std::span<const uint8_t> bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

// Small letters only, as the recommendation says. -1: no digit.
int ValueOf(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool ParseBytes(std::string_view text, std::span<uint8_t> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    const int high = ValueOf(text[2 * i]);
    const int low = ValueOf(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  return true;
}

bool IsZero(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0; });
}

bool IsSmall(char c) { return c >= 'a' && c <= 'z'; }
bool IsSmallOrDigit(char c) { return IsSmall(c) || (c >= '0' && c <= '9'); }
bool IsOfKey(char c) { return IsSmallOrDigit(c) || c == '_' || c == '-' || c == '*' || c == '/'; }

// "vendor", or "tenant@vendor".
bool IsKey(std::string_view key) {
  const size_t at = key.find('@');
  if (!std::all_of(key.begin(), key.end(), [](char c) { return IsOfKey(c) || c == '@'; })) {
    return false;
  }
  if (at == std::string_view::npos) return !key.empty() && key.size() <= 256 && IsSmall(key[0]);
  const std::string_view tenant = key.substr(0, at);
  const std::string_view system = key.substr(at + 1);
  return !tenant.empty() && tenant.size() <= 241 && IsSmallOrDigit(tenant[0]) && !system.empty() &&
         system.size() <= 14 && IsSmall(system[0]) && system.find('@') == std::string_view::npos;
}

bool IsValue(std::string_view value) {
  return !value.empty() && value.size() <= 256 && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; });
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The list's members, each "key=value". False: it is malformed, or too long.
bool Split(std::string_view list, std::vector<std::string_view>& members) {
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view member = Trimmed(list.substr(0, comma));
    if (!member.empty()) {  // empty ones are allowed, and mean nothing
      const size_t equals = member.find('=');
      if (equals == std::string_view::npos || !IsKey(member.substr(0, equals)) ||
          !IsValue(member.substr(equals + 1)) || members.size() == kMembersMax) {
        return false;
      }
      members.push_back(member);
    }
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool HasKeysTwice(const std::vector<std::string_view>& members) {
  const auto key = [](std::string_view member) { return member.substr(0, member.find('=')); };
  for (auto one = members.begin(); one != members.end(); ++one) {  // they are few
    const auto is_the_same = [&](std::string_view other) { return key(other) == key(*one); };
    if (std::any_of(members.begin(), one, is_the_same)) return true;
  }
  return false;
}

size_t BytesOf(const std::vector<std::string_view>& members) {
  size_t bytes = members.empty() ? 0 : members.size() - 1;
  for (const std::string_view member : members) bytes += member.size();
  return bytes;
}

// Several entries are one list.
std::string StateOf(const std::vector<std::string_view>& lists) {
  std::vector<std::string_view> members;
  for (const std::string_view list : lists)
    if (!Split(list, members)) return "";
  if (HasKeysTwice(members)) return "";
  if (BytesOf(members) > kStateBytesMax) {
    std::erase_if(members, [](std::string_view one) { return one.size() > kLongMemberBytes; });
    while (BytesOf(members) > kStateBytesMax) members.pop_back();
  }
  std::string state;
  state.reserve(BytesOf(members));
  for (const std::string_view member : members) {
    if (!state.empty()) state.push_back(',');
    state.append(member);
  }
  return state;
}

}  // namespace

std::string TraceIdText(const TraceId& id) { return Hexadecimal(id); }
std::string SpanIdText(const SpanId& id) { return Hexadecimal(id); }

std::string TraceparentOf(const TraceContext& trace) {
  return absl::StrCat("00-", TraceIdText(trace.trace_id), "-", SpanIdText(trace.span_id), "-",
                      trace.sampled ? "01" : "00");
}

std::optional<TraceContext> ParseTraceparent(std::string_view traceparent) {
  if (traceparent.size() < kVersionedBytes) return std::nullopt;
  uint8_t version = 0;
  uint8_t flags = 0;
  TraceContext trace;
  if (!ParseBytes(traceparent.substr(0, 2), {&version, 1}) || version == 0xFF ||
      traceparent[2] != '-' || !ParseBytes(traceparent.substr(3, 32), trace.trace_id) ||
      traceparent[35] != '-' || !ParseBytes(traceparent.substr(36, 16), trace.span_id) ||
      traceparent[52] != '-' || !ParseBytes(traceparent.substr(53, 2), {&flags, 1})) {
    return std::nullopt;
  }
  const std::string_view rest = traceparent.substr(kVersionedBytes);
  if (!rest.empty() && (version == 0 || rest[0] != '-')) return std::nullopt;
  if (IsZero(trace.trace_id) || IsZero(trace.span_id)) return std::nullopt;
  trace.sampled = (flags & 1) != 0;
  return trace;
}

std::optional<TraceContext> TraceOf(const Metadata& metadata) {
  const std::vector<std::string_view> parents = metadata.GetAll(kTraceparent);
  if (parents.size() != 1) return std::nullopt;  // of two nobody knows which one it is
  std::optional<TraceContext> trace = ParseTraceparent(parents.front());
  if (trace.has_value()) trace->state = StateOf(metadata.GetAll(kTracestate));
  return trace;
}

void AddTrace(const TraceContext& trace, Metadata& metadata) {
  metadata.AddUnchecked(std::string(kTraceparent), TraceparentOf(trace));
  if (!trace.state.empty()) metadata.AddUnchecked(std::string(kTracestate), trace.state);
}

}  // namespace dialtone
