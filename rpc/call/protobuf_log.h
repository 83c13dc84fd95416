// Where Protobuf's own log lines go: it has one for each text that is no UTF-8, which a peer can send over and over, and
// writes them to stderr, where it waits. Internal to rpc/.
#pragma once

namespace dialtone::internal {

// Protobuf's lines go to Log() from now on, a few a second; what it does after a fatal one stays as it is. Unless the program
// has a handler of its own (google::protobuf::SetLogHandler), which stays; one that it installs later replaces this. From
// version 22 on Protobuf logs by Abseil, whose sinks are the program's affair: then this does nothing.
void TakeProtobufLog();

}  // namespace dialtone::internal
