// iapp: the command line for data owners, developers, requesters, operators and auditors.
// Config and wiring only: a command is one file, command_<name>.cpp.
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>

#include "arguments.hpp"
#include "base/error_kind.hpp"
#include "base/log.hpp"
#include "context.hpp"

namespace iapp::cli {
namespace {

void print_error(const Error& error, const GlobalOptions& global)
{
    if (global.json) {
        const boost::json::object document{{"schema", "iapp-cli/1"},
                                           {"error", {{"id", error.reason}, {"message", error.detail}, {"kind", info(error.kind).name}}}};
        std::printf("%s\n", boost::json::serialize(document).c_str());
    }
    std::fprintf(stderr, "error[%.*s]: %s\nsee: iapp explain %.*s\n", int(error.reason.size()), error.reason.data(), error.detail.c_str(),
                 int(error.reason.size()), error.reason.data());
    if (global.debug) std::fprintf(stderr, "at: %s:%u\n", error.where.file_name(), error.where.line());
}

void print_answer(Answer answer, const Invocation& invocation, const Phases& phases)
{
    if (!invocation.global.json) {
        std::fputs(answer.text.c_str(), stdout);
        return;
    }
    boost::json::object document{{"schema", "iapp-cli/1"}, {"command", invocation.command->name}};
    for (auto& [key, value] : answer.document) document[key] = std::move(value);
    if (auto times = phases.json(); !times.empty()) document["phases"] = std::move(times);
    std::printf("%s\n", boost::json::serialize(document).c_str());
}

int run(const Invocation& invocation)
{
    log::configure(invocation.global.debug ? log::Level::debug : log::Level::warning, "iapp");
    Context context(invocation.global, system_clock());
    auto answer = invocation.command->run(invocation.arguments, context);
    context.phases.finish();
    if (!answer) {
        print_error(answer.error(), invocation.global);
        return static_cast<int>(exit_code(answer.error()));
    }
    const int code = answer->exit_code;
    print_answer(*std::move(answer), invocation, context.phases);
    return code;
}

}  // namespace
}  // namespace iapp::cli

int main(int argc, char** argv)
{
    using namespace iapp::cli;
    std::signal(SIGPIPE, SIG_IGN);
    const auto parsed = parse_arguments(argc, argv, all_commands());
    if (const auto* invocation = std::get_if<Invocation>(&parsed)) return run(*invocation);
    const auto& leave = std::get<Leave>(parsed);
    std::fputs(leave.text.c_str(), leave.exit_code == 0 ? stdout : stderr);
    return leave.exit_code;
}
