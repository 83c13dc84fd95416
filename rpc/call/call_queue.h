// Calls that wait for something: a connection, a rest to be over, a worker. Internal to rpc/.
#pragma once

#include <cstddef>

#include "client_call.h"

namespace dialtone::internal {

// Calls in order of arrival: an intrusive list, from which any can be taken out.
class CallQueue {
 public:
  bool empty() const { return head_ == nullptr; }
  size_t size() const { return size_; }
  ClientCall* front() const { return head_; }
  ClientCall* back() const { return tail_; }
  static ClientCall* next(const ClientCall& call) { return call.next_; }
  // Requires that the call is in no queue.
  void PushBack(ClientCall& call);
  // False, and nothing is done: the call is not in this queue.
  bool Remove(ClientCall& call);

 private:
  ClientCall* head_ = nullptr;
  ClientCall* tail_ = nullptr;
  size_t size_ = 0;
};

}  // namespace dialtone::internal
