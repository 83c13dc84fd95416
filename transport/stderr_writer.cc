#include "stderr_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace dialtone {
namespace {

const bool kStartedWithout = fcntl(STDERR_FILENO, F_GETFD) < 0;

// write(), for which a reader that has gone is an error and no signal. The signal's disposition
// belongs to the program, so it is kept from this thread instead.
ssize_t WriteWithoutSignal(int descriptor, const char* data, size_t size) {
  sigset_t pipe;
  sigset_t pending;
  sigset_t before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigemptyset(&pending);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  const ssize_t written = write(descriptor, data, size);
  const int error = errno;
  if (written < 0 && error == EPIPE && !was_pending) {
    const timespec now{};
    while (sigtimedwait(&pipe, nullptr, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

// The descriptor's flags are shared with other processes, so it is not made non-blocking: a pipe or
// a terminal is opened once more, for flags of its own. Being writable says too little of them: a
// blocking write to a terminal waits until there is room for all. Not kept, so that the program may
// put something else in the descriptor's place, and a pipe's reader learns of its end. -1: it cannot
// be opened, or is something else; a file opened so would have another place to write at.
int OpenForItself(int descriptor) {
  struct stat file{};
  if (fstat(descriptor, &file) != 0) return -1;
  if (!S_ISFIFO(file.st_mode) && isatty(descriptor) == 0) return -1;
  const std::string path = absl::StrCat("/proc/self/fd/", descriptor);
  return open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

ssize_t WriteWithoutWaiting(int descriptor, const char* data, size_t size) {
  const ssize_t sent = send(descriptor, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  if (const int own = OpenForItself(descriptor); own >= 0) {
    const ssize_t written = WriteWithoutSignal(own, data, size);
    const int error = errno;
    close(own);
    errno = error;
    return written;
  }
  // A file, or what may not be opened anew: a pipe that is writable takes a page.
  pollfd ready{descriptor, POLLOUT, 0};
  if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
    errno = EAGAIN;
    return -1;
  }
  return WriteWithoutSignal(descriptor, data, size);
}

}  // namespace

int StandardError() { return kStartedWithout ? -1 : STDERR_FILENO; }

bool StderrWriter::TryWrite(const std::string& line) {
  const std::string whole = within_line_ ? absl::StrCat("\n", line) : std::string();
  const std::string& bytes = within_line_ ? whole : line;
  ssize_t written;
  do {
    written = WriteWithoutWaiting(descriptor_, bytes.data(), bytes.size());
  } while (written < 0 && errno == EINTR);
  if (written <= 0) return false;
  within_line_ = bytes[static_cast<size_t>(written) - 1] != '\n';
  return static_cast<size_t>(written) == bytes.size();
}

bool StderrWriter::Write(const std::string& line) {
  const bool taken = TryWrite(line);
  lost_ = taken ? 0 : lost_ + 1;
  return taken;
}

}  // namespace dialtone
