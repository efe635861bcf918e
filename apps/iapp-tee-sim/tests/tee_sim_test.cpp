// The simulator as its users meet it: a program that runs another, measures it, and passes everything else through.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "attest/event_log.hpp"
#include "attest/intel_verify.hpp"
#include "simtee/pki.hpp"
#include "simtee/platform.hpp"

namespace iapp {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::string load(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// One run of iapp-tee-sim with pipes on descriptors 0 and 1; descriptor 2 is dropped.
class Simulator {
public:
    explicit Simulator(std::vector<std::string> args)
    {
        int in[2], out[2];
        EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
        args.insert(args.begin(), TEE_SIM);
        std::vector<char*> argv;
        argv.reserve(args.size() + 1);
        for (std::string& arg : args) argv.push_back(arg.data());
        argv.push_back(nullptr);
        std::string knob = "LD_TRACE_NOTHING=1", home = "HOME=/nowhere";
        char* envp[] = {knob.data(), home.data(), nullptr};
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(in[0], 0);
            ::dup2(out[1], 1);
            ::dup2(::open("/dev/null", O_WRONLY), 2);
            ::execve(TEE_SIM, argv.data(), envp);
            ::_exit(125);
        }
        ::close(in[0]);
        ::close(out[1]);
        in_ = in[1];
        out_ = out[0];
    }
    ~Simulator()
    {
        ::close(in_);
        ::close(out_);
    }

    void write(std::string_view text)
    {
        EXPECT_EQ(::write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    void end_input()
    {
        ::close(in_);
        in_ = -1;
    }

    std::string read_line()
    {
        std::string line;
        char c = 0;
        while (::read(out_, &c, 1) == 1 && c != '\n') line.push_back(c);
        return line;
    }
    std::string read_all()
    {
        std::string text;
        char chunk[4096];
        ssize_t n = 0;
        while ((n = ::read(out_, chunk, sizeof chunk)) > 0) text.append(chunk, static_cast<std::size_t>(n));
        return text;
    }

    void signal(int number) const { ::kill(pid_, number); }

    /// Exit code, or minus the signal.
    int wait() const
    {
        int status = 0;
        EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    pid_t pid_;
    int in_, out_;
};

class TeeSim : public testing::Test {
protected:
    TeeSim()
    {
        std::string name = (fs::temp_directory_path() / "iapp-tee-sim-XXXXXX").string();
        dir_ = ::mkdtemp(name.data());
        EXPECT_TRUE(simtee::create_pki(pki(), now_).has_value());
    }
    ~TeeSim() override { fs::remove_all(dir_); }

    std::string pki() const { return (dir_ / "pki").string(); }
    std::vector<std::string> command(std::vector<std::string> agent_args) const
    {
        std::vector<std::string> out{"--pki", pki(), "--agent", TEST_AGENT, "--"};
        out.insert(out.end(), agent_args.begin(), agent_args.end());
        return out;
    }

    fs::path dir_;
    UnixSeconds now_ = system_clock().now_seconds();
};

TEST_F(TeeSim, QuotesTheVeryProgramThatRuns)
{
    Simulator run(command({"quote"}));
    const auto quote = parse_hex(run.read_line());
    EXPECT_EQ(run.wait(), 0);
    ASSERT_TRUE(quote.has_value());

    attest::CheckLog checks;
    const auto verified = attest::verify_intel({attest::EvidenceKind::tdx, *quote},
                                               *attest::parse_collateral(load(dir_ / "pki/collateral.json")),
                                               *attest::TrustAnchor::from_pem(load(dir_ / "pki/root.pem")), now_, checks);
    ASSERT_TRUE(verified.has_value()) << verified.error().detail;
    EXPECT_EQ(verified->td()->mr_td, simtee::measure(as_bytes(load(TEST_AGENT))));
    EXPECT_EQ(verified->td()->rtmr[3], attest::replay({attest::make_entry(0, attest::op::kReady, {})}));
}

TEST_F(TeeSim, PrintsTheMeasurement)
{
    Simulator run({"--measure", "--agent", TEST_AGENT});
    EXPECT_EQ(run.read_line(), hex(simtee::measure(as_bytes(load(TEST_AGENT))).bytes()));
    EXPECT_EQ(run.wait(), 0);
}

TEST_F(TeeSim, PassesInputOutputAndExitCode)
{
    Simulator echo(command({"echo"}));
    echo.write("one line\n");
    EXPECT_EQ(echo.read_line(), "one line");
    echo.end_input();
    EXPECT_EQ(echo.wait(), 0);
    EXPECT_EQ(Simulator(command({"exit", "42"})).wait(), 42);
    EXPECT_EQ(Simulator(command({"abort"})).wait(), 128 + SIGABRT);
}

TEST_F(TeeSim, GivesTheAgentFourDescriptorsAndNoLoaderKnobs)
{
    Simulator run(command({"surroundings"}));
    const std::string text = run.read_all();
    EXPECT_EQ(run.wait(), 0);
    EXPECT_THAT(text, testing::HasSubstr("HOME=/nowhere"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("LD_TRACE_NOTHING")));
    EXPECT_THAT(text, testing::EndsWith("fd 0\nfd 1\nfd 2\nfd 3\n"));
}

TEST_F(TeeSim, ForwardsSignals)
{
    Simulator run(command({"wait-for-term"}));
    EXPECT_FALSE(run.read_line().empty());
    run.signal(SIGTERM);
    EXPECT_EQ(run.wait(), 33);
}

TEST_F(TeeSim, TakesTheAgentWithIt)
{
    Simulator run(command({"wait"}));
    const std::string pid = run.read_line();
    ASSERT_FALSE(pid.empty());
    run.signal(SIGKILL);
    EXPECT_EQ(run.wait(), -SIGKILL);
    EXPECT_EQ(run.read_all(), "");  // ends when the agent's copy of the pipe is closed
    const auto alive = [&] {
        const std::string stat = load("/proc/" + pid + "/stat");
        return !stat.empty() && stat.find(") Z ") == std::string::npos;
    };
    for (int i = 0; i < 1000 && alive(); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(alive());
}

TEST_F(TeeSim, SaysWhatIsMissing)
{
    EXPECT_EQ(Simulator({"--agent", TEST_AGENT}).wait(), 2);
    EXPECT_EQ(Simulator({"--pki", pki(), "--agent", "/nowhere/agent"}).wait(), 3);
    EXPECT_NE(Simulator({"--pki", "/nowhere", "--agent", TEST_AGENT}).wait(), 0);
    EXPECT_NE(Simulator({"--pki", pki(), "--agent", "/dev/null"}).wait(), 0);
}

}  // namespace
}  // namespace iapp
