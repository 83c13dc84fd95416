// Where a process is found: an IPv4 or IPv6 address and a port, or the path of a unix socket.
//
//   absl::StatusOr<Address> a = Address::Parse("127.0.0.1:7000");
//   // also "[::1]:7000", "unix:/run/echo.sock"
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace dialtone {
namespace internal {

// No text, or one: a value as large as a pointer.
class OptionalText {
 public:
  OptionalText() = default;
  explicit OptionalText(std::string_view text) : text_(std::make_unique<const std::string>(text)) {}
  OptionalText(const OptionalText& other) : text_(CopyOf(other)) {}
  OptionalText(OptionalText&&) noexcept = default;
  OptionalText& operator=(const OptionalText& other) {
    text_ = CopyOf(other);
    return *this;
  }
  OptionalText& operator=(OptionalText&&) noexcept = default;
  ~OptionalText() = default;

  const std::string* get() const { return text_.get(); }

 private:
  static std::unique_ptr<const std::string> CopyOf(const OptionalText& other) {
    return other.text_ == nullptr ? nullptr : std::make_unique<const std::string>(*other.text_);
  }

  std::unique_ptr<const std::string> text_;
};

}  // namespace internal

// A value: copies, compares, hashes. Knows no names: turning a host's name into addresses is
// resolution.
class Address {
 public:
  enum class Family : uint8_t { kNone, kIpv4, kIpv6, kUnix };

  // No address; ToString() is "(none)".
  Address() = default;

  // Accepts "1.2.3.4:80", "[::1]:80", "[fe80::1%2]:80" (scope as a number) and "unix:/path"; port 0
  // asks a listener to pick one. INVALID_ARGUMENT says where in the text and why:
  //   address "127.0.0.1:70000": port at 10: 70000 is above 65535
  static absl::StatusOr<Address> Parse(std::string_view text);
  static Address Ipv4(std::array<uint8_t, 4> bytes, uint16_t port);
  static Address Ipv6(std::array<uint8_t, 16> bytes, uint16_t port, uint32_t scope = 0);
  // `path` is at most kUnixPathMax bytes (checked by Parse; longer ones abort here).
  static Address Unix(std::string_view path);
  static constexpr size_t kUnixPathMax = 107;

  Family family() const { return family_; }
  bool is_ip() const { return family_ == Family::kIpv4 || family_ == Family::kIpv6; }
  // 0 for unix sockets.
  uint16_t port() const { return port_; }
  Address WithPort(uint16_t port) const;
  // In network order; an IPv4 address is in the first four.
  const std::array<uint8_t, 16>& ip_bytes() const { return ip_; }
  uint32_t scope() const { return scope_; }
  // Empty unless this is a unix socket.
  const std::string& unix_path() const;
  // 127.0.0.0/8, ::1 or a unix socket.
  bool is_loopback() const;
  // 0.0.0.0 or ::.
  bool is_any() const;

  // What Parse() reads.
  std::string ToString() const;

  friend bool operator==(const Address& a, const Address& b) {
    return a.family_ == b.family_ && a.port_ == b.port_ && a.scope_ == b.scope_ && a.ip_ == b.ip_ &&
           a.unix_path() == b.unix_path();
  }
  template <class H>
  friend H AbslHashValue(H h, const Address& a) {
    return H::combine(std::move(h), a.family_, a.port_, a.scope_, a.ip_, a.unix_path());
  }

 private:
  Family family_ = Family::kNone;
  uint16_t port_ = 0;
  uint32_t scope_ = 0;
  std::array<uint8_t, 16> ip_{};
  // Of a unix socket, on its own, so that the many that are none are small.
  internal::OptionalText path_;
};

}  // namespace dialtone
