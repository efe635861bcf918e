// iapp-tee-sim: a TEE for development. Measures an agent, runs exactly those bytes, and signs TDX v4 quotes for it under a
// PKI whose root says that it is not hardware. It protects nothing: whoever runs it can read the agent's memory.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/error_kind.hpp"
#include "base/log.hpp"
#include "supervisor.hpp"

namespace iapp::tee_sim {
namespace {

struct Options {
    std::string pki;
    std::string agent;
    std::vector<std::string> agent_args;
    bool measure = false;
};

Result<int> run(const Options& options)
{
    TRY(const SealedProgram program, seal_program(options.agent));
    const std::string mr_td = hex(program.mr_td.bytes());
    if (options.measure) {
        std::printf("%s\n", mr_td.c_str());
        return 0;
    }
    TRY(const simtee::Platform platform, simtee::Platform::load(options.pki));
    log::warning("SIMULATED TEE: nothing here is protected from this machine", {{"mrtd", mr_td}});
    simtee::Session session(platform, program.mr_td);
    return run_agent(program, options.agent_args, session);
}

}  // namespace
}  // namespace iapp::tee_sim

int main(int argc, char** argv)
{
    iapp::tee_sim::Options options;
    CLI::App app("Runs an agent in a SIMULATED TEE and exits with its code. For development: it protects nothing.",
                 "iapp-tee-sim");
    app.add_option("--agent", options.agent, "the agent's program file")->required();
    auto* pki = app.add_option("--pki", options.pki, "directory of the simulated PKI");
    app.add_flag("--measure", options.measure, "print the agent's MRTD and exit");
    app.add_option("arguments", options.agent_args, "arguments of the agent, after --");
    CLI11_PARSE(app, argc, argv);

    iapp::log::configure(iapp::log::Level::info, "iapp-tee-sim");
    if (!options.measure && pki->empty()) {
        iapp::log::error("--pki is needed to run an agent");
        return static_cast<int>(iapp::ExitCode::usage);
    }
    const auto code = iapp::tee_sim::run(options);
    if (code) return *code;
    iapp::log::error("cannot run the agent", {{"reason", code.error().reason}, {"detail", code.error().detail}});
    return static_cast<int>(iapp::exit_code(code.error()));
}
