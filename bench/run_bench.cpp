// rooms: base codec crypto eth poco net chain runtime localchain
// Running an app: the sandbox against plain `runc run` of the same bundle, and a whole task on a fresh network against the
// least it can cost: three signed transactions with their receipts and one bare container start. Prints the phase table of a
// run.
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "eth/transaction.hpp"
#include "localchain/anvil.hpp"
#include "localchain/artifacts.hpp"
#include "ratio.hpp"
#include "runtime/sandbox.hpp"

namespace {

using namespace iapp;
namespace fs = std::filesystem;

template <class T>
T must(Result<T> result)
{
    if (result) return *std::move(result);
    throw std::runtime_error(std::string(result.error().reason) + ": " + result.error().detail);
}

double seconds_of(const std::function<void()>& work)
{
    const double start = bench::seconds(bench::Meter::wall);
    work();
    return bench::seconds(bench::Meter::wall) - start;
}

/// A bundle whose app ends at once, started in both ways.
class Bundle {
public:
    Bundle(fs::path folder, const fs::path& nothing)
        : folder_(std::move(folder)), sandbox_(must(runtime::Sandbox::open({.state_dir = folder_ / "state"})))
    {
        for (const char* name :
             {"rootfs/proc", "rootfs/dev", "rootfs/sys", "rootfs/tmp", "rootfs/iexec_in", "rootfs/iexec_out", "in", "out"})
            fs::create_directories(folder_ / name);
        fs::copy_file(nothing, folder_ / "rootfs/app");
        const oci::User owner = oci::host_user(run_.spec);
        if (::chown((folder_ / "out").c_str(), owner.uid, owner.gid) != 0) throw std::runtime_error("chown");
        for (const fs::path& path : {folder_, folder_ / "rootfs"}) fs::permissions(path, fs::perms(0755));
        run_.bundle_dir = folder_;
        run_.spec.rootfs = folder_ / "rootfs";
        run_.spec.args = {"/app"};
        run_.spec.env = {"PATH=/"};
        run_.spec.input_dir = folder_ / "in";
        run_.spec.output_dir = folder_ / "out";
        run_.wall_clock = std::chrono::seconds(20);
    }

    void ours() const
    {
        if (!must(sandbox_.run(run_)).exit.ok()) std::abort();
    }

    /// Needs ours() to have run once: config.json is what it wrote.
    void bare() const
    {
        runtime::Command command;
        command.program = "runc";
        command.args = {"--root", folder_ / "bare", "run", "--bundle", folder_, "bare-" + std::to_string(::getpid())};
        must(runtime::run_tool(std::move(command)));
    }

    void keep_config() const { std::ofstream(folder_ / "config.json") << must(oci::encode_runtime_config(run_.spec)); }

private:
    fs::path folder_;
    runtime::Sandbox sandbox_;
    runtime::SandboxRun run_;
};

/// Three transfers, signed before the clock starts, each waited for.
double three_transactions()
{
    const auto call = net::CallContext{"bench", net::deadline_in(std::chrono::seconds(30)), {}};
    const auto files = must(localchain::find_chain_files());
    localchain::AnvilOptions options;
    options.program = files.anvil;
    auto anvil = must(localchain::AnvilProcess::start(options, system_clock(), call));
    const auto wallet = must(eth::Wallet::from_private_key_hex(localchain::dev_private_key(0)));
    std::vector<Bytes> signed_ones;
    for (std::uint64_t nonce = 0; nonce < 3; ++nonce) {
        eth::Transaction transaction;
        transaction.chain_id = options.chain_id;
        transaction.nonce = nonce;
        transaction.max_priority_fee_per_gas = eth::U256(1'000'000'000);
        transaction.max_fee_per_gas = eth::U256(100'000'000'000);
        transaction.gas_limit = 21'000;
        transaction.to = eth::Address{std::array<std::uint8_t, 20>{9}};
        signed_ones.push_back(eth::sign(transaction, wallet).raw);
    }
    return seconds_of([&] {
        for (const Bytes& raw : signed_ones) {
            const auto hash = must(anvil.rpc().send_raw(raw, call));
            while (!must(anvil.rpc().receipt(hash, call))) {
            }
        }
    });
}

/// The product's own programs, used as a user uses them.
class Network {
public:
    Network(fs::path folder, fs::path programs) : folder_(std::move(folder)), iapp_(std::move(programs) / "iapp/iapp")
    {
        std::ofstream(folder_ / "password") << "bench\n";
        up_ = seconds_of([&] { iapp({"devnet", "up", "--detach", "--dir", folder_ / "net", "--port-base", "27300"}); });
        iapp({"wallet", "new", "bench", "--light"});
        iapp({"wallet", "fund", "bench"});
    }
    ~Network()
    {
        try {
            iapp({"devnet", "down", "--dir", folder_ / "net"});
        } catch (const std::exception& error) {
            std::fprintf(stderr, "run_bench: %s\n", error.what());
        }
    }

    double up_seconds() const { return up_; }

    std::string deploy(const fs::path& nothing)
    {
        fs::create_directories(folder_ / "image");
        fs::copy_file(nothing, folder_ / "image/app");
        std::ofstream(folder_ / "image/Dockerfile") << "FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]\n";
        return std::string(iapp({"deploy", folder_ / "image", "--name", "nothing"}).at("app").as_string());
    }

    struct Run {
        double task;   ///< from sending the match to the completed task
        double whole;  ///< from the first look at the order book to the opened, verified result
        boost::json::array phases;
    };
    Run run(const std::string& app, int number)
    {
        boost::json::object answer;
        const double whole = seconds_of([&] {
            answer = iapp({"run", app, "--out", folder_ / ("result" + std::to_string(number))});
        });
        Run out{0, whole, answer.at("phases").as_array()};
        for (const auto& phase : out.phases)
            if (const auto name = phase.at("name").as_string(); name == "match on chain" || name == "run in the TEE")
                out.task += double(phase.at("ms").to_number<std::int64_t>()) / 1000;
        return out;
    }

private:
    boost::json::object iapp(std::vector<std::string> words)
    {
        runtime::Command command;
        command.program = iapp_;
        command.args = std::move(words);
        command.args.insert(command.args.end(), {"--json", "--wallet", "bench", "--password-file", folder_ / "password",
                                                 "--network", folder_ / "net/network.toml"});
        command.env.push_back("XDG_DATA_HOME=" + folder_.string());
        command.env.push_back("XDG_STATE_HOME=" + folder_.string());
        return boost::json::parse(must(runtime::run_tool(std::move(command)))).as_object();
    }

    fs::path folder_;
    fs::path iapp_;
    double up_ = 0;
};

int sandbox_bench(const Bundle& bundle)
{
    bundle.ours();
    const std::vector<bench::Case> cases{{"sandbox", [&] { bundle.ours(); }, bench::Meter::wall},
                                         {"peer: runc run of the same bundle",
                                          [&] {
                                              bundle.keep_config();
                                              bundle.bare();
                                          },
                                          bench::Meter::wall}};
    return bench::report(cases, {{"sandbox start / runc run", 0, 1, 0.8}}, "starts per second", 15);
}

int task_bench(const fs::path& folder, const fs::path& programs, const fs::path& nothing, const Bundle& bundle)
{
    constexpr int kRounds = 5;
    Network network(folder, programs);
    const std::string app = network.deploy(nothing);
    std::vector<double> ratios;
    Network::Run last{};
    for (int round = 0; round < kRounds; ++round) {
        last = network.run(app, round);
        const double limit = three_transactions() + seconds_of([&] { bundle.bare(); });
        ratios.push_back(last.task / limit);
    }
    const double median = bench::quantile(ratios, 0.5);
    std::printf("  devnet up, all ports answering                %8.3f s  target < 6\n", network.up_seconds());
    std::printf("  iapp run to opened and verified result        %8.3f s  target < 5\n", last.whole);
    for (const auto& phase : last.phases)
        std::printf("    %-42s %8.3f s\n", phase.at("name").as_string().c_str(),
                    double(phase.at("ms").to_number<std::int64_t>()) / 1000);
    std::printf("  %-44s %6.3f [%.3f..%.3f]  target <= 2.00  %s\n", "whole task / 3 transactions + container start", median,
                bench::quantile(ratios, 0.25), bench::quantile(ratios, 0.75), median <= 2 ? "met" : "MISSED");
    return (median <= 2 ? 0 : 1) + (network.up_seconds() < 6 ? 0 : 1) + (last.whole < 5 ? 0 : 1);
}

}  // namespace

int main(int, char** argv)
try {
    if (::geteuid() != 0 || !runtime::find_program("runc") || !runtime::find_program("buildah")) {
        std::puts("  SKIPPED: needs root, runc and buildah");
        return 0;
    }
    const fs::path build = fs::absolute(argv[0]).parent_path().parent_path();
    std::string pattern = "/tmp/iapp-bench-XXXXXX";
    const fs::path folder = ::mkdtemp(pattern.data());
    fs::permissions(folder, fs::perms(0711));
    fs::create_directories(folder / "bundle");
    int missed = 0;
    {
        const Bundle bundle(folder / "bundle", build / "bench/bench_nothing");
        missed += sandbox_bench(bundle);
        bundle.keep_config();
        missed += task_bench(folder, build / "apps", build / "bench/bench_nothing", bundle);
    }
    fs::remove_all(folder);
    return missed > 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "run_bench: %s\n", error.what());
    return 1;
}
