#include "dialtone/transport/shutdown_signal.h"

#include <signal.h>

#include <atomic>
#include <cerrno>

#include "dialtone/transport/check.h"

namespace dialtone {
namespace {

// A handler may still run on another thread while the object goes: what it touches is never freed.
std::atomic<bool> exists{false};
std::atomic<int> signal_count{0};
Event& SignalEvent() {
  static Event& event = *new Event;
  return event;
}
Event* signal_event = nullptr;

struct sigaction previous_term;
struct sigaction previous_interrupt;

void OnSignal(int) {
  const int saved_errno = errno;
  signal_count.fetch_add(1, std::memory_order_relaxed);
  signal_event->Set();
  errno = saved_errno;
}

}  // namespace

ShutdownSignal::ShutdownSignal() {
  DIALTONE_CHECK(!exists.exchange(true), "two objects wait for the process' shutdown signal");
  signal_event = &SignalEvent();
  signal_event->Reset();
  signal_count.store(0, std::memory_order_relaxed);
  struct sigaction action{};
  action.sa_handler = OnSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, &previous_term);
  sigaction(SIGINT, &action, &previous_interrupt);
}

ShutdownSignal::~ShutdownSignal() {
  sigaction(SIGTERM, &previous_term, nullptr);
  sigaction(SIGINT, &previous_interrupt, nullptr);
  exists.store(false);
}

Event& ShutdownSignal::event() { return *signal_event; }

int ShutdownSignal::count() const { return signal_count.load(std::memory_order_relaxed); }

}  // namespace dialtone
