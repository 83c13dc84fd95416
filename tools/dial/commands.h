// dial's commands: each does what its line asks and returns the exit code (exit_code.h).
#pragma once

#include <string>

#include "session.h"

namespace dial {

int RunOverview(Session& session);  // dial ADDRESS
int RunList(Session& session);
int RunDescribe(Session& session);
int RunTemplate(Session& session);
int RunCall(Session& session);
int RunHealth(Session& session);
int RunBench(Session& session);
int RunWatch(Session& session);
int RunConnections(Session& session);
int RunTrace(Session& session);
int RunRepl(Session& session);
int RunCompletion(Session& session);

// The one that the session's line names.
int RunCommand(Session& session);

// dial __complete SHELL LINE, which the scripts of dial completion run: prints what may stand where the line ends.
int RunComplete(const std::string& shell, const std::string& text);

}  // namespace dial
