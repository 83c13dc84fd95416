// The steps of the demonstration that call a server: each makes its calls, tells of them, and
// checks what came back.
#pragma once

#include "absl/time/time.h"
#include "echo/echo.dialtone.h"
#include "server_process.h"
#include "story.h"

namespace echo {

// A call that hangs is over after this long, which no step takes.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

void CallBlocking(const Echo::Client& client, Story& story);
void CallFromCoroutine(const Echo::Client& client, Story& story);
void CallWithCallback(const Echo::Client& client, Story& story);
// One call with messages both ways, each told as it is sent and as it comes (exchange.cc).
void ExchangeBothWays(const Echo::Client& client, Story& story);
void CallThatFails(const Echo::Client& client, Story& story);
void CallThatMeetsItsDeadline(const Echo::Client& client, Story& story);
void CallThatIsCancelled(const Echo::Client& client, Story& story);
// SIGTERM while a call is under way: the last step.
void StopDuringACall(const Echo::Client& client, ServerProcess& server, Story& story);

}  // namespace echo
