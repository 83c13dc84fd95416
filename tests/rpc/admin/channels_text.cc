// Prints the metrics of three channels, two of them with one target: for prometheus_test.py.
#include <cstdio>
#include <string>

#include "dialtone/rpc/admin.h"
#include "dialtone/rpc/channel.h"

int main() {
  dialtone::Channel a("127.0.0.1:1");
  dialtone::Channel b("127.0.0.1:2");
  dialtone::Channel again("127.0.0.1:1");
  const dialtone::Channel* const channels[] = {&a, &b, &again};
  const std::string text = dialtone::PrometheusText(channels);
  std::fwrite(text.data(), 1, text.size(), stdout);
}
