// iapp: the command line for data owners, developers, requesters, operators and auditors.
// Config and wiring only: a command is one file, command_<name>.cpp.
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "arguments.hpp"
#include "base/error_kind.hpp"
#include "base/log.hpp"
#include "context.hpp"
#include "explanations.hpp"

namespace iapp::cli {
namespace {

struct Complaint {
    std::string id, message, kind, fix, see;
};

int complain(const Complaint& complaint, bool json, int code)
{
    const auto& [id, message, kind, fix, see] = complaint;
    if (json) {
        const boost::json::object error{{"id", id}, {"message", message}, {"kind", kind}, {"fix", fix}, {"see", see}};
        std::printf("%s\n", boost::json::serialize(boost::json::object{{"schema", "iapp-cli/1"}, {"error", error}}).c_str());
    }
    std::fprintf(stderr, "error[%s]: %s\nfix: %s\nsee: %s\n", id.c_str(), message.c_str(), fix.c_str(), see.c_str());
    return code;
}

int complain(const Error& error, const GlobalOptions& global)
{
    const std::string id(error.reason);
    const int code =
        complain({id, error.detail, std::string(info(error.kind).name),
                  fix_of(id).value_or("run it again with --debug and report what it says"), "iapp explain " + id},
                 global.json, static_cast<int>(exit_code(error)));
    if (global.debug) std::fprintf(stderr, "at: %s:%u\n", error.where.file_name(), error.where.line());
    return code;
}

int complain(const UsageError& error)
{
    return complain({"cli.usage", error.message, "invalid_input", error.fix, error.see}, error.json,
                    static_cast<int>(ExitCode::usage));
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

/// What the standard library throws about files is an error like any other.
Result<Answer> run_command(const Invocation& invocation, Context& context)
try {
    return invocation.command->run(invocation.arguments, context);
} catch (const std::filesystem::filesystem_error& error) {
    return fail(ErrorKind::not_found, "cli.file", error.path1().string() + ": " + error.code().message());
} catch (const std::exception& error) {
    return fail(ErrorKind::internal, "cli.internal", error.what());
}

int run(const Invocation& invocation)
{
    log::configure(invocation.global.debug ? log::Level::debug : log::Level::warning, "iapp");
    Context context(invocation.global, system_clock());
    auto answer = run_command(invocation, context);
    context.phases.finish();
    if (!answer) return complain(answer.error(), invocation.global);
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
    if (const auto* usage = std::get_if<UsageError>(&parsed)) return complain(*usage);
    std::fputs(std::get<Leave>(parsed).text.c_str(), stdout);
    return 0;
}
