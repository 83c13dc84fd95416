#include "codes.h"

namespace dialtone::dialtone1 {

std::string_view GoawayReasonName(GoawayReason reason) {
  switch (reason) {
    case GoawayReason::kNone:
      return "NONE";
    case GoawayReason::kProtocol:
      return "PROTOCOL";
    case GoawayReason::kFrameSize:
      return "FRAME_SIZE";
    case GoawayReason::kVersion:
      return "VERSION";
    case GoawayReason::kSettings:
      return "SETTINGS";
    case GoawayReason::kStreamId:
      return "STREAM_ID";
    case GoawayReason::kStreamState:
      return "STREAM_STATE";
    case GoawayReason::kFlowControl:
      return "FLOW_CONTROL";
    case GoawayReason::kMetadata:
      return "METADATA";
    case GoawayReason::kMessage:
      return "MESSAGE";
    case GoawayReason::kMethod:
      return "METHOD";
    case GoawayReason::kLimit:
      return "LIMIT";
    case GoawayReason::kIdle:
      return "IDLE";
    case GoawayReason::kInternal:
      return "INTERNAL";
  }
  return "UNKNOWN";
}

std::string_view CancelReasonName(CancelReason reason) {
  switch (reason) {
    case CancelReason::kCaller:
      return "CALLER";
    case CancelReason::kDeadline:
      return "DEADLINE";
    case CancelReason::kUnacceptable:
      return "UNACCEPTABLE";
    case CancelReason::kShutdown:
      return "SHUTDOWN";
  }
  return "UNKNOWN";
}

}  // namespace dialtone::dialtone1
