#include "support/sim_names.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "dialtone/transport/check.h"

namespace dialtone {

struct SimNames::Question {
  Question(SimNames& the_names, std::string the_host, const NameOptions& the_options,
           NameCallback the_done)
      : names(the_names),
        host(std::move(the_host)),
        options(the_options),
        done(std::move(the_done)),
        answer(*this, "name answer", the_names.world_.NewId()) {}
  void Answer() { names.Answer(*this); }

  SimNames& names;
  const std::string host;
  const NameOptions options;
  NameCallback done;
  bool timed_out = false;
  MemberEvent<&Question::Answer> answer;
};

SimNames::SimNames(SimWorld& world) : world_(world) {}

SimNames::~SimNames() {
  while (!questions_.empty()) {
    const std::unique_ptr<Question> question = std::move(questions_.back());
    questions_.pop_back();
    std::move(question->done)(absl::CancelledError("the network is being destroyed"));
  }
}

void SimNames::Set(const std::string& name, const std::vector<std::string>& ips,
                   absl::Duration ttl) {
  Entry entry;
  entry.ttl = ttl;
  for (const std::string& ip : ips) {
    const bool six = ip.find(':') != std::string::npos;
    const auto address =
        Address::Parse(six ? absl::StrCat("[", ip, "]:0") : absl::StrCat(ip, ":0"));
    DIALTONE_CHECK(address.ok(), "a name's address is none");
    entry.addresses.push_back(*address);
  }
  names_[name] = std::move(entry);
}

void SimNames::Fail(const std::string& name, const std::string& reason) {
  names_[name] = Entry();
  names_[name].failure = reason;
}

void SimNames::Silence(const std::string& name) {
  names_[name] = Entry();
  names_[name].silent = true;
}

size_t SimNames::lookups(const std::string& name) const {
  const auto found = lookups_.find(name);
  return found == lookups_.end() ? 0 : found->second;
}

void SimNames::LookUp(std::string_view host, const NameOptions& options, NameCallback done) {
  auto question = std::make_unique<Question>(*this, std::string(host), options, std::move(done));
  ++lookups_[question->host];
  const auto entry = names_.find(question->host);
  question->timed_out = entry != names_.end() && entry->second.silent;
  const Instant when =
      Instant::FromNanoseconds(world_.now()) + (question->timed_out ? options.timeout : delay_);
  world_.queue.Arm(question->answer, when.nanoseconds());
  questions_.push_back(std::move(question));
}

void SimNames::Answer(Question& question) {
  const auto found = std::find_if(questions_.begin(), questions_.end(), [&](const auto& candidate) {
    return candidate.get() == &question;
  });
  const std::unique_ptr<Question> keep = std::move(*found);
  questions_.erase(found);
  std::move(question.done)(Find(question));
}

absl::StatusOr<NameAnswer> SimNames::Find(const Question& question) const {
  const std::string before = absl::StrCat("resolve ", question.host, ": ");
  if (question.timed_out) {
    return absl::UnavailableError(absl::StrCat(before, "no answer from the simulation within ",
                                               absl::FormatDuration(question.options.timeout),
                                               " (NameOptions::timeout)"));
  }
  const auto found = names_.find(question.host);
  if (found == names_.end())
    return absl::UnavailableError(absl::StrCat(before, "no such name (NXDOMAIN)"));
  const Entry& entry = found->second;
  if (!entry.failure.empty()) return absl::UnavailableError(absl::StrCat(before, entry.failure));
  if (entry.addresses.empty()) {
    return absl::UnavailableError(
        absl::StrCat(before, "the name has no address (no A and no AAAA record)"));
  }
  NameAnswer answer;
  answer.addresses = InterleaveFamilies(entry.addresses, question.options.addresses_max);
  answer.ttl = entry.ttl;
  return answer;
}

}  // namespace dialtone
