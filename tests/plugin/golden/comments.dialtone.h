// Written by protoc-gen-dialtone from comments.proto: change that file, not this one.
// clang-format off
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "dialtone/rpc/call.h"
#include "dialtone/rpc/call_options.h"
#include "dialtone/rpc/channel.h"
#include "dialtone/rpc/method.h"
#include "dialtone/rpc/server_call.h"
#include "dialtone/rpc/service.h"
#include "dialtone/rpc/task.h"
#include "comments.pb.h"

namespace comments {

// A block that speaks of "//" and of \n escapes.
// Its second line ends in a backslash \.
class Notes final {
 public:
  Notes() = delete;

  static constexpr ::std::string_view kServiceName = "comments.Notes";
  static constexpr ::dialtone::Method kBackslashMethod{
      "/comments.Notes/Backslash", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kBackslashAndSpacesMethod{
      "/comments.Notes/BackslashAndSpaces", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kTrigraphMethod{
      "/comments.Notes/Trigraph", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kStarsMethod{
      "/comments.Notes/Stars", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kMarksMethod{
      "/comments.Notes/Marks", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kSlashesMethod{
      "/comments.Notes/Slashes", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kNoGapMethod{
      "/comments.Notes/NoGap", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kCarriageReturnMethod{
      "/comments.Notes/CarriageReturn", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kUnicodeMethod{
      "/comments.Notes/Unicode", ::dialtone::MethodKind::kUnary};
  static constexpr ::dialtone::Method kSidesMethod{
      "/comments.Notes/Sides", ::dialtone::MethodKind::kUnary};

  // Calls the service. A value: copies share the channel, which must outlive them and their calls.
  // Requests are lent or given: dialtone/rpc/call.h tells when that matters.
  class Client {
   public:
    explicit Client(::dialtone::Channel& channel) : channel_(&channel) {}

    // Ends in a backslash: C:\.
    ::dialtone::Call<::comments::Note> Backslash(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Backslash(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Backslash(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Backslash(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // Ends in a backslash and spaces: C:\.
    ::dialtone::Call<::comments::Note> BackslashAndSpaces(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> BackslashAndSpaces(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> BackslashAndSpaces(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> BackslashAndSpaces(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // Ends in a trigraph ??/.
    ::dialtone::Call<::comments::Note> Trigraph(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Trigraph(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Trigraph(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Trigraph(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // Closes */ what was never opened, and opens /* what is never closed.
    ::dialtone::Call<::comments::Note> Stars(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Stars(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Stars(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Stars(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // #error "not a directive" $file$ %s {{braces}}
    ::dialtone::Call<::comments::Note> Marks(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Marks(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Marks(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Marks(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    /// Three slashes.
    ::dialtone::Call<::comments::Note> Slashes(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Slashes(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Slashes(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Slashes(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // No gap.
    ::dialtone::Call<::comments::Note> NoGap(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> NoGap(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> NoGap(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> NoGap(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // A bare carriage return #error is no new line here.
    ::dialtone::Call<::comments::Note> CarriageReturn(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> CarriageReturn(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> CarriageReturn(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> CarriageReturn(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // Grüße, 世界
    ::dialtone::Call<::comments::Note> Unicode(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Unicode(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Unicode(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Unicode(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

    // Before.
    // Behind.
    ::dialtone::Call<::comments::Note> Sides(
        const ::comments::Note& request) const;
    ::dialtone::Call<::comments::Note> Sides(
        const ::comments::Note& request,
        const ::dialtone::CallOptions& options) const;
    ::dialtone::Call<::comments::Note> Sides(
        ::comments::Note&& request) const;
    ::dialtone::Call<::comments::Note> Sides(
        ::comments::Note&& request,
        const ::dialtone::CallOptions& options) const;

   private:
    ::dialtone::Channel* channel_;
  };

  // Derive from it and override the methods: handlers are coroutines. What is not overridden answers
  // UNIMPLEMENTED. Handlers run on several threads at a time.
  class Service : public ::dialtone::Service {
   public:
    Service();
    ~Service() override;

    // Ends in a backslash: C:\.
    virtual ::dialtone::Task<::absl::Status> Backslash(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Ends in a backslash and spaces: C:\.
    virtual ::dialtone::Task<::absl::Status> BackslashAndSpaces(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Ends in a trigraph ??/.
    virtual ::dialtone::Task<::absl::Status> Trigraph(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Closes */ what was never opened, and opens /* what is never closed.
    virtual ::dialtone::Task<::absl::Status> Stars(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // #error "not a directive" $file$ %s {{braces}}
    virtual ::dialtone::Task<::absl::Status> Marks(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    /// Three slashes.
    virtual ::dialtone::Task<::absl::Status> Slashes(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // No gap.
    virtual ::dialtone::Task<::absl::Status> NoGap(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // A bare carriage return #error is no new line here.
    virtual ::dialtone::Task<::absl::Status> CarriageReturn(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Grüße, 世界
    virtual ::dialtone::Task<::absl::Status> Unicode(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Before.
    // Behind.
    virtual ::dialtone::Task<::absl::Status> Sides(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);
  };

  // Derive from it and override the methods: handlers are plain functions, which must not block unless the
  // service is added to run on workers. What is not overridden answers UNIMPLEMENTED. Handlers run on several
  // threads at a time.
  class PlainService : public ::dialtone::Service {
   public:
    PlainService();
    ~PlainService() override;

    // Ends in a backslash: C:\.
    virtual ::absl::Status Backslash(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Ends in a backslash and spaces: C:\.
    virtual ::absl::Status BackslashAndSpaces(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Ends in a trigraph ??/.
    virtual ::absl::Status Trigraph(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Closes */ what was never opened, and opens /* what is never closed.
    virtual ::absl::Status Stars(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // #error "not a directive" $file$ %s {{braces}}
    virtual ::absl::Status Marks(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    /// Three slashes.
    virtual ::absl::Status Slashes(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // No gap.
    virtual ::absl::Status NoGap(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // A bare carriage return #error is no new line here.
    virtual ::absl::Status CarriageReturn(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Grüße, 世界
    virtual ::absl::Status Unicode(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);

    // Before.
    // Behind.
    virtual ::absl::Status Sides(
        ::dialtone::ServerCall& call,
        const ::comments::Note& request,
        ::comments::Note& reply);
  };
};

}  // namespace comments
