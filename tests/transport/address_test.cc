#include "dialtone/transport/address.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/container/flat_hash_set.h"

namespace dialtone {
namespace {

std::string ErrorOf(std::string_view text) {
  const absl::StatusOr<Address> address = Address::Parse(text);
  EXPECT_FALSE(address.ok()) << text;
  EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(address.status().message());
}

TEST(Address, FormatsWhatItParses) {
  for (const char* text :
       {"127.0.0.1:7000", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:7000", "[::]:0",
        "[fe80::1%2]:80", "[2001:db8::ff]:443", "unix:/run/echo", "unix:relative"}) {
    const absl::StatusOr<Address> address = Address::Parse(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
  EXPECT_EQ(Address().ToString(), "(none)");
}

TEST(Address, TellsItsParts) {
  const Address v4 = *Address::Parse("10.0.0.7:7000");
  EXPECT_EQ(v4.family(), Address::Family::kIpv4);
  EXPECT_EQ(v4.port(), 7000);
  EXPECT_EQ(v4.ip_bytes()[0], 10);
  EXPECT_EQ(v4.ip_bytes()[3], 7);
  const Address v6 = *Address::Parse("[fe80::1%2]:80");
  EXPECT_EQ(v6.family(), Address::Family::kIpv6);
  EXPECT_EQ(v6.scope(), 2u);
  EXPECT_EQ(v6.ip_bytes()[15], 1);
  const Address path = *Address::Parse("unix:/run/echo");
  EXPECT_EQ(path.family(), Address::Family::kUnix);
  EXPECT_EQ(path.unix_path(), "/run/echo");
  EXPECT_FALSE(path.is_ip());
  EXPECT_EQ(v4.WithPort(1).ToString(), "10.0.0.7:1");
}

TEST(Address, ErrorsSayWhereAndWhy) {
  EXPECT_EQ(ErrorOf("127.0.0.1:70000"),
            "address \"127.0.0.1:70000\": port at 10: 70000 is above 65535");
  EXPECT_EQ(ErrorOf("127.0.0.1:"), "address \"127.0.0.1:\": port at 10: is missing");
  EXPECT_EQ(ErrorOf("127.0.0.1:8x"),
            "address \"127.0.0.1:8x\": port at 10: \"8x\" is not a number");
  EXPECT_EQ(ErrorOf("127.0.0.1"), "address \"127.0.0.1\": port at 9: \":\" is missing");
  EXPECT_EQ(ErrorOf("127.0.1:80"),
            "address \"127.0.1:80\": ip at 0: \"127.0.1\" is not an IPv4 address");
  EXPECT_EQ(ErrorOf("[::g]:80"), "address \"[::g]:80\": ip at 1: \"::g\" is not an IPv6 address");
  EXPECT_EQ(ErrorOf("[::1:80"), "address \"[::1:80\": ip at 0: \"[\" has no \"]\"");
  EXPECT_EQ(ErrorOf("[::1]80"), "address \"[::1]80\": port at 5: \":\" is missing");
  EXPECT_EQ(ErrorOf("::1:80"),
            "address \"::1:80\": ip at 0: an IPv6 address stands in brackets: \"[::1]:80\"");
  EXPECT_EQ(ErrorOf("[fe80::1%eth0]:80"),
            "address \"[fe80::1%eth0]:80\": scope at 9: \"eth0\" is not a number");
  EXPECT_EQ(ErrorOf(""), "address \"\": ip at 0: is missing");
  EXPECT_EQ(ErrorOf("unix:"), "address \"unix:\": path at 5: is missing");
  EXPECT_EQ(ErrorOf("127.0.0.1:99999999999999999999"),
            "address \"127.0.0.1:99999999999999999999\": port at 10: 99999999999999999999 is above "
            "65535");
}

TEST(Address, UnixPathHasALimit) {
  const std::string longest(Address::kUnixPathMax, 'a');
  EXPECT_TRUE(Address::Parse("unix:" + longest).ok());
  EXPECT_NE(ErrorOf("unix:" + longest + "a").find("is 108 bytes long, above 107"),
            std::string::npos);
  EXPECT_DEATH(Address::Unix(longest + "a"), "too long");
}

TEST(Address, RefusesZeroBytes) {
  ErrorOf(std::string_view("127.0.0.1\0:80", 13));
  ErrorOf(std::string_view("unix:/a\0b", 9));
}

TEST(Address, ComparesAndHashesByValue) {
  absl::flat_hash_set<Address> set;
  for (const char* text : {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.2:1", "[::1]:1", "[::1%3]:1",
                           "unix:/a", "unix:/b"}) {
    EXPECT_TRUE(set.insert(*Address::Parse(text)).second) << text;
    EXPECT_FALSE(set.insert(*Address::Parse(text)).second) << text;
  }
  EXPECT_EQ(*Address::Parse("[0:0::1]:1"), *Address::Parse("[::1]:1"));
  EXPECT_NE(Address::Ipv4({127, 0, 0, 1}, 1), Address());
}

TEST(Address, KnowsLoopbackAndAny) {
  EXPECT_TRUE(Address::Parse("127.1.2.3:1")->is_loopback());
  EXPECT_TRUE(Address::Parse("[::1]:1")->is_loopback());
  EXPECT_TRUE(Address::Parse("unix:/a")->is_loopback());
  EXPECT_FALSE(Address::Parse("10.0.0.1:1")->is_loopback());
  EXPECT_FALSE(Address::Parse("[::2]:1")->is_loopback());
  EXPECT_TRUE(Address::Parse("0.0.0.0:1")->is_any());
  EXPECT_TRUE(Address::Parse("[::]:1")->is_any());
  EXPECT_FALSE(Address::Parse("[::1]:1")->is_any());
}

}  // namespace
}  // namespace dialtone
