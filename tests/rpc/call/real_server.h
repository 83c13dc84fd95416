// A server on a real port of 127.0.0.1, for tests that must see real sockets and threads.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "test_service.h"

namespace dialtone {

// With its own runtime: threads of one test do not serve another.
struct RealServer {
  explicit RealServer(CoroutineHandler coroutine = Hello, PlainHandler plain = PlainHello,
                      bool plain_on_workers = false, RuntimeOptions runtime_options = TwoReactors(),
                      ServerOptions options = ServerOptions())
      : runtime(runtime_options), server(With(options, runtime)) {
    server.Add(std::make_unique<CoroutineService>(std::move(coroutine)));
    ServiceOptions service_options;
    service_options.run_on_workers = plain_on_workers;
    server.Add(std::make_unique<PlainService>(std::move(plain)), service_options);
    auto bound = server.Listen("127.0.0.1:0");
    EXPECT_TRUE(bound.ok()) << bound.status();
    target = bound->ToString();
    EXPECT_TRUE(server.Start().ok());
  }

  static RuntimeOptions TwoReactors() {
    RuntimeOptions options;
    options.reactors = 2;
    return options;
  }
  static ServerOptions With(ServerOptions options, Runtime& runtime) {
    options.runtime = &runtime;
    return options;
  }
  ChannelOptions ClientOptions() {
    ChannelOptions options;
    options.runtime = &runtime;
    return options;
  }

  Runtime runtime;
  Server server;
  std::string target;
};

}  // namespace dialtone
