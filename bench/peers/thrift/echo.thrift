// The message of echo.Echo/Echo in Thrift's own form.
namespace cpp bench.thrift_echo

struct EchoMessage {
  1: i64 id,
  2: string text,
}

service Echo {
  EchoMessage Echo(1: EchoMessage request),
}
