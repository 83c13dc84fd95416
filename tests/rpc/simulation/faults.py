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
          'Release(0, window_, charge, true);', ''),
    Fault('credit of the pieces of a request lost', 'rpc/dialtone1/server_session_receive.cc',
          'ReleasePiece(call.id(), call.window_, charge, !end); if (bytes().over()) BoundBytes(); return;',
          'return;'),
    Fault('piece of a message lost', 'rpc/dialtone1/outbox.cc',
          'AppendPiece(MakeHeader(FrameType::kData, end, stream.id_, 0), piece, message);',
          'if (queue_.size() < 100000) '
          'AppendPiece(MakeHeader(FrameType::kData, end, stream.id_, 0), piece, message);'),
    Fault('byte lost behind the second piece of one read', 'rpc/dialtone1/expected_pieces.cc',
          'left -= kHeaderBytes + whose;',
          'left -= kHeaderBytes + whose; if (i == 1 && left != 0) --left;'),
    Fault('tail dropped when a write would block', 'transport/write_queue.cc',
          'Consume(result.bytes);', 'Consume(offered);'),
    Fault('reply on another stream', 'rpc/dialtone1/server_session.cc',
          'return outbox().TrySendWhole(call, kWholeReply, 0, 0, *end.reply);',
          'return outbox().TrySendWhole(*calls_.All().front(), kWholeReply, 0, 0, *end.reply);'),
    Fault('slot of a call with a whole reply not freed', 'rpc/dialtone1/client_session_receive.cc',
          'calls_.Erase(call.id()); free_calls_.push_back(&call); if (full_)', 'if (full_)'),
    Fault('packed reply on another stream', 'rpc/dialtone1/server_session.cc',
          'const FrameHeader header = MakeHeader(FrameType::kResponse, kFlagEnd, call.id(), 0);',
          'const FrameHeader header = '
          'MakeHeader(FrameType::kResponse, kFlagEnd, calls_.All().front()->id(), 0);'),
    Fault('details of a status lost', 'rpc/dialtone1/call_metadata.cc',
          'AppendDetail(details, StatusDetail{ToStd(type_url), bytes});', ''),
    Fault('attachment of a reply lost', 'rpc/call/client_call_messages.cc',
          'reply_attachment_ = std::move(message.attachment);', ''),
    Fault('attachment of the call before', 'rpc/call/handled_call.cc',
          'if (!request_attachment_.empty()) request_attachment_ = Attachment(); '
          'if (!reply_attachment_.empty()) reply_attachment_ = Attachment();', ''),
    Fault('trailing metadata lost', 'rpc/dialtone1/server_session.cc',
          'MakeTrailer(status, end.trailing, end.pushback,', 'MakeTrailer(status, nullptr, end.pushback,'),
    # --- How calls end ---
    Fault('call completed twice', 'rpc/dialtone1/client_session.cc',
          'void ClientSession::Cancel(OutgoingCall& call, dialtone::CancelReason reason) { call.handler_ = nullptr;',
          'void ClientSession::Cancel(OutgoingCall& call, dialtone::CancelReason reason) {'),
    Fault('slot of a cancelled call not freed', 'rpc/dialtone1/client_session_receive.cc',
          'End(call, std::move(end)); CloseIfDrained();',
          'if (call.handler_ == nullptr) return; End(call, std::move(end)); CloseIfDrained();'),
    Fault('deadline ignored by the client', 'rpc/call/client_call.cc',
          'loop_->Arm(deadline_timer_, deadline_);', ''),
    Fault('deadline ignored by the server', 'rpc/call/handled_call.cc',
          'if (!deadline_.infinite()) loop_.loop().Arm(deadline_timer_, deadline_);', ''),
    Fault('cancel not sent', 'rpc/dialtone1/client_session.cc',
          'if (writable()) AppendCancel(queue(), call.id(), reason);', '(void)reason;'),
    Fault('handler not told that its client gave up', 'rpc/call/handled_call.cc',
          'void HandledCall::OnCancel(CancelReason reason) {',
          'void HandledCall::OnCancel(CancelReason reason) { if (reason == CancelReason::kCancelled) return;'),
    Fault('context does not flow into calls', 'rpc/call/client_call.cc',
          'context_(Context::Current()),', 'context_(),'),
    Fault('handle destroyed without a cancel', 'rpc/call/call_handle.cc',
          'call_->RequestCancel(); call_->Unref(); }', 'call_->Unref(); }'),
    # --- Calls that are sent again ---
    Fault('call sent again that may have run', 'rpc/dialtone1/client_session.cc',
          'end.never_ran = call->request_end_ > sent && !call->has_data_;', 'end.never_ran = true;'),
    Fault('refused call not sent again', 'rpc/call/client_call.cc',
          'if (MayRunAgain(end) && (end.never_ran ? SendAgain(end) : TryAgain(end))) return;',
          'if (MayRunAgain(end) && !end.refused && (end.never_ran ? SendAgain(end) : TryAgain(end))) return;'),
    Fault('request forgotten once it was sent', 'rpc/call/client_call_attempts.cc',
          'if (streams()) OnSent();', 'if (streams()) OnSent(); else request_.Free();'),
    Fault('call that rests after a refusal not ended', 'rpc/call/refused_calls.cc',
          'call.WakeAt(when);', ''),
    Fault('backoff kept when another server shuts down', 'rpc/call/loop_channel.cc',
          'if (std::exchange(try_all_, false)) pool_.EndBackoffs();', ''),
    Fault('stream tried again behind a message', 'rpc/call/message_port.cc',
          'received_ = true; if (discards_', 'if (discards_'),
    Fault('stream tried again behind what was written', 'rpc/call/message_port.cc',
          'sent_ = true; const CompressionSet unpacks', 'const CompressionSet unpacks'),
    Fault('metadata of a failed attempt kept', 'rpc/call/client_call_attempts.cc',
          'if (policy_ == nullptr || !part_->Retry(*this, end)) return false; initial_metadata_ = Metadata();',
          'if (policy_ == nullptr || !part_->Retry(*this, end)) return false;'),
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
    # --- Streams ---
    Fault('stream: END before the last message', 'rpc/dialtone1/outbox.cc',
          'if (stream.last_ != nullptr) { stream.last_->end = true; return; }', ''),
    Fault('stream: pieces in another order', 'rpc/dialtone1/outbox.cc',
          'const uint8_t end = message.end && piece.last() ? kFlagEnd : 0;',
          'const uint8_t end = message.end && piece.last() ? kFlagEnd : 0; Piece next; '
          'if (!piece.first() && message.cursor.remaining() > 200000 && '
          'message.cursor.Next(std::min(stream.window_.credit(), window_.credit()), next)) { '
          'stream.window_.Take(next.charge()); window_.Take(next.charge()); '
          'AppendPiece(MakeHeader(FrameType::kData, 0, stream.id_, 0), next, message); }'),
    Fault('stream: credit of a message returned twice', 'rpc/dialtone1/server_session.cc',
          'LetGo(call.held_bytes_, cost.memory_bytes);',
          'LetGo(call.held_bytes_, cost.memory_bytes); '
          'AppendWindow(queue(), call.id(), cost.window_bytes);'),
    Fault('stream: credit of a message never returned', 'rpc/dialtone1/server_session.cc',
          'Release(call.id(), call.window_, cost.window_bytes, call.state_.phase == StreamPhase::kOpen);', ''),
    Fault('stream: taken messages stay counted', 'rpc/dialtone1/client_session.cc',
          'LetGo(call.held_bytes_, cost.memory_bytes);', 'call.held_bytes_ -= cost.memory_bytes;'),
    Fault('stream: writer not told of room', 'rpc/dialtone1/outbox.cc',
          'listener_.OnStreamWritable(stream);', ''),
    Fault('stream: OK for a call that was cut', 'rpc/dialtone1/client_session.cc',
          'end.never_ran = call->request_end_ > sent && !call->has_data_;',
          'end.never_ran = call->request_end_ > sent && !call->has_data_; '
          'if (call->state_.phase == StreamPhase::kHalfClosedLocal) end.status = absl::OkStatus();'),
    Fault('stream: kept messages in another order', 'rpc/call/message_port.cc',
          '(first_ == nullptr ? first_ : last_->next) = std::move(kept); last_ = added;',
          'kept->next = std::move(first_); first_ = std::move(kept); if (last_ == nullptr) last_ = added;'),
    Fault('stream: message delivered twice', 'rpc/call/message_port.cc',
          'std::move(message.attachment)); return;',
          'std::move(message.attachment)); if (message.bytes.size() % 16 != 7) return;'),
    Fault('stream: message lost while a large one is parsed', 'rpc/call/message_port.cc',
          'const bool awaited = reader_ != nullptr',
          'if (parsing_ != nullptr) return; const bool awaited = reader_ != nullptr'),
    Fault('stream: untaken messages lost at the end', 'rpc/call/message_port.cc',
          'inbound_ended_ = true; if', 'inbound_ended_ = true; DropKept(); if'),
    Fault('stream: write ends while the stream is full', 'rpc/call/message_port.cc',
          'if (more || outbound_ended_) return op.Complete(!outbound_ended_);',
          'return op.Complete(!outbound_ended_);'),
    Fault('stream: waiting handler not told of a cancel', 'rpc/call/message_port.cc',
          'void MessagePort::Fail() { Discard(); EndBoth(); }', 'void MessagePort::Fail() { Discard(); }'),
    Fault('stream: half-close lost before the connection', 'rpc/call/message_port.cc',
          '} else if (half_close_wanted_) { owner_.SendHalfClose(); }', '}'),
    Fault('stream: waiting writer not told of the end', 'rpc/call/message_port.cc',
          'if (writer_ != nullptr) std::exchange(writer_, nullptr)->Complete(false); EndInbound();',
          'EndInbound();'),
    Fault('stream: in process, credit never returned', 'rpc/in_process/linked_call.cc',
          'if (self->to_server_.Give(bytes) &&', 'if (false && self->to_server_.Give(bytes) &&'),
]
