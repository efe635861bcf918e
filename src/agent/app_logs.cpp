// What of the app's own words leaves the agent outside of its result. docs/adr/0010
#include "agent/internal/steps.hpp"
#include "codec/utf8.hpp"
#include "wire/scheduler_api.hpp"

namespace iapp::agent {
namespace {

void tell_stream(wire::AppStream stream, const std::string& raw, const World& world)
{
    const std::string text = codec::repair_utf8(raw);
    std::string_view rest = codec::last_characters(text, wire::kMaxLogCharacters);
    while (!rest.empty()) {
        std::string_view part = rest.substr(0, wire::kMaxAgentLogBytes);
        while (!codec::is_utf8(part)) part.remove_suffix(1);  // not through a character
        world.tell(wire::AgentLog{stream, std::string(part)});
        rest.remove_prefix(part.size());
    }
}

}  // namespace

bool may_tell_logs(const wire::ReleaseBundle& bundle)
{
    return std::holds_alternative<wire::SealToNobody>(bundle.result) && bundle.datasets.empty() && !bundle.app_secret &&
           bundle.requester_secrets.empty();
}

void tell_logs(const Admission& admission, const runtime::SandboxOutcome& outcome, const World& world)
{
    if (!world.tell || !may_tell_logs(admission.bundle)) return;
    tell_stream(wire::AppStream::out, outcome.out, world);
    tell_stream(wire::AppStream::err, outcome.err, world);
}

}  // namespace iapp::agent
