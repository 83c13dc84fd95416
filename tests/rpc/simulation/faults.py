"""The faults that planted_faults.py plants: each replaces one piece of one source file, which must be there
exactly once, word for word (but for white space). Product code knows nothing of them."""

from typing import NamedTuple


class Fault(NamedTuple):
    name: str
    file: str
    old: str
    new: str


FAULTS = [
    # --- What travels ---
    Fault('lost END of a message in pieces', 'rpc/dialtone1/outbox.cc',
          'const uint8_t end = message.end && piece.last() ? kFlagEnd : 0;',
          'const uint8_t end = 0;'),
    Fault('credit of the connection lost', 'rpc/dialtone1/session.cc',
          'if (grant != 0 && more) AppendWindow(queue(), stream, grant);',
          'if (grant != 0 && more && stream != 0) AppendWindow(queue(), stream, grant);'),
    Fault('credit of a stream lost', 'rpc/dialtone1/session.cc',
          'if (grant != 0 && more) AppendWindow(queue(), stream, grant);',
          'if (grant != 0 && more && stream == 0) AppendWindow(queue(), stream, grant);'),
    Fault('piece of a message lost', 'rpc/dialtone1/outbox.cc',
          'AppendPiece(queue_, MakeHeader(FrameType::kData, end, stream.id_, 0)',
          'if (queue_.size() < 100000) AppendPiece(queue_, MakeHeader(FrameType::kData, end, stream.id_, 0)'),
    Fault('tail dropped when a write would block', 'transport/write_queue.cc',
          'Consume(result.bytes);', 'Consume(offered);'),
    Fault('reply on another stream', 'rpc/dialtone1/server_session.cc',
          'const FrameHeader header = MakeHeader(FrameType::kResponse, kFlagEnd, call.id(), 0);',
          'const FrameHeader header = '
          'MakeHeader(FrameType::kResponse, kFlagEnd, calls_.All().front()->id(), 0);'),
    Fault('details of a status lost', 'rpc/dialtone1/call_metadata.cc',
          'AppendDetail(details, StatusDetail{ToStd(type_url), bytes});', ''),
    Fault('trailing metadata lost', 'rpc/dialtone1/server_session.cc',
          'MakeTrailer(status, end.trailing, end.pushback,', 'MakeTrailer(status, nullptr, end.pushback,'),
    # --- How calls end ---
    Fault('call completed twice', 'rpc/dialtone1/client_session.cc',
          'call.handler_ = nullptr; if (call.ending_ || call.failed_early_) return;',
          'if (call.ending_ || call.failed_early_) return;'),
    Fault('slot of a cancelled call not freed', 'rpc/dialtone1/client_session_receive.cc',
          'End(call, std::move(end)); CloseIfDrained();',
          'if (call.handler_ == nullptr) return; End(call, std::move(end)); CloseIfDrained();'),
    Fault('deadline ignored by the client', 'rpc/call/client_call.cc',
          'loop_->Arm(deadline_timer_, deadline_);', ''),
    Fault('deadline ignored by the server', 'rpc/call/unary_call.cc',
          'if (!deadline_.infinite()) loop_.loop().Arm(deadline_timer_, deadline_);', ''),
    Fault('cancel not sent', 'rpc/dialtone1/client_session.cc',
          'if (writable()) AppendCancel(queue(), call.id(), reason);', '(void)reason;'),
    Fault('handler not told that its client gave up', 'rpc/call/unary_call.cc',
          'void UnaryCall::OnCancel(CancelReason reason) {',
          'void UnaryCall::OnCancel(CancelReason reason) { if (reason == CancelReason::kCancelled) return;'),
    Fault('context does not flow into calls', 'rpc/call/client_call.cc',
          'context_(Context::Current()),', 'context_(),'),
    Fault('handle destroyed without a cancel', 'rpc/call/call_handle.cc',
          'call_->RequestCancel(); call_->Unref(); }', 'call_->Unref(); }'),
    # --- Calls that are sent again ---
    Fault('call sent again that may have run', 'rpc/dialtone1/client_session.cc',
          'end.never_ran = call->request_end_ > sent;', 'end.never_ran = true;'),
    Fault('refused call not sent again', 'rpc/call/client_call.cc',
          'if (MayRunAgain(end) && (end.never_ran ? SendAgain(end) : TryAgain(end))) return;',
          'if (MayRunAgain(end) && !end.refused && (end.never_ran ? SendAgain(end) : TryAgain(end))) return;'),
    Fault('request forgotten once it was sent', 'rpc/call/client_call.cc',
          'if (streams()) OnSent();', 'if (streams()) OnSent(); else request_.Free();'),
    Fault('call that rests after a refusal not ended', 'rpc/call/refused_calls.cc',
          'call.WakeAt(when);', ''),
    Fault('backoff kept when another server shuts down', 'rpc/call/loop_channel.cc',
          'if (std::exchange(try_all_, false)) pool_.EndBackoffs();', ''),
    # --- Connections ---
    Fault('GOAWAY of a drain ignored', 'rpc/dialtone1/client_session.cc',
          'void ClientSession::OnGoaway(const GoawayInfo& info) {',
          'void ClientSession::OnGoaway(const GoawayInfo& info) { if (info.last_stream != 0) return;'),
    Fault('calls left in the queue after a reconnect', 'rpc/call/subchannel.cc',
          'failure_ = absl::OkStatus(); backoff_.Reset(); owner_.OnSubchannelChange(*this);',
          'backoff_.Reset(); if (failure_.ok()) owner_.OnSubchannelChange(*this);'),
    Fault('lost connection not told to one call', 'rpc/dialtone1/client_session.cc',
          'if (calls_.Find(call->id()) != call) continue; StreamEnd end; end.status = status;',
          'if (calls_.Find(call->id()) != call) continue; StreamEnd end; end.status = status; '
          'if (call->id() % 8 == 5 && call->handler_ != nullptr) { call->handler_ = nullptr; }'),
]
