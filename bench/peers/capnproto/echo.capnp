# The message of echo.Echo/Echo in Cap'n Proto's own form.
@0xd2f1b8f0a45c7e31;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bench::capnp_echo");

struct EchoMessage {
  id @0 :Int64;
  text @1 :Text;
}

interface Echo {
  echo @0 (request :EchoMessage) -> (reply :EchoMessage);
}
