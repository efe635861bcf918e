// Unique strings are planted wherever people put secrets; then everything a machine's owner can read is searched for them:
// command lines and environments while the task runs, and afterwards every file, database, log and chain byte.
// Inside the TEE they may be: the app's own process is left out. So is the folder the requester opened the result into.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iostream>
#include <mutex>
#include <set>
#include <thread>

#include "chain/rpc.hpp"
#include "codec/base64.hpp"
#include "codec/json.hpp"
#include "crypto/random.hpp"
#include "support/devnet_run.hpp"
#include "support/oci_builder.hpp"

namespace iapp {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// What base64 text of anything that contains `word` must contain, for each of the three ways it can be aligned.
std::vector<std::string> base64_forms(const std::string& word)
{
    std::vector<std::string> out;
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const std::string text = codec::base64(as_bytes(std::string(shift, '\0') + word));
        const std::size_t first = shift == 0 ? 0 : shift + 1;  // characters that also depend on what is before the word
        const std::size_t whole = (shift + word.size()) * 8 / 6;
        out.push_back(text.substr(first, whole - first));
    }
    return out;
}

/// One planted word and every spelling of it that is looked for.
struct Canary {
    std::string where;
    std::string word = "canary" + hex(crypto::random_bytes(10));
    std::vector<std::string> forms = [this] {
        auto all = base64_forms(word);
        all.push_back(word);
        return all;
    }();
    std::string as_hex = hex(as_bytes(word));

    bool is_in(const std::string& text) const
    {
        const auto has = [&](const std::string& form) { return text.find(form) != std::string::npos; };
        return std::ranges::any_of(forms, has) || lower(text).find(as_hex) != std::string::npos;
    }
};

/// Compressed files are searched inside too.
std::string unpacked(const std::string& bytes)
{
    if (!bytes.starts_with("\x1f\x8b")) return {};
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    std::vector<char> block(1 << 20);
    int state = Z_OK;
    while (state == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(block.data());
        stream.avail_out = static_cast<uInt>(block.size());
        state = inflate(&stream, Z_NO_FLUSH);
        out.append(block.data(), block.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return out;
}

class CanaryTest : public testing::Test {
protected:
    CanaryTest()
    {
        fs::create_directories(inputs());
        for (const char* name : {"owner", "developer", "requester"}) net.make_wallet(name);
    }

    fs::path inputs() const { return net.folder() / "inputs"; }
    fs::path opened() const { return net.folder() / "opened"; }

    fs::path input(const Canary& canary) const
    {
        const fs::path file = inputs() / canary.where;
        std::ofstream(file) << "before " << canary.word << " after";
        return file;
    }

    void look(const std::string& place, const std::string& text)
    {
        for (const Canary* canary : planted)
            if (canary->is_in(text)) found.insert(canary->where + " in " + place);
    }

    /// Every file of the network and of the command line, but what people typed in and opened themselves.
    std::size_t look_at_files()
    {
        std::size_t files = 0;
        for (auto entry = fs::recursive_directory_iterator(net.folder(), fs::directory_options::skip_permission_denied);
             entry != fs::recursive_directory_iterator(); ++entry) {
            if (entry->path() == inputs() || entry->path() == opened()) {
                entry.disable_recursion_pending();
                continue;
            }
            look("the name of a file", entry->path().filename());
            std::error_code gone;  // databases come and go while they are looked at
            if (!entry->is_regular_file(gone)) continue;
            const std::string bytes = test::slurp(entry->path());
            look(entry->path(), bytes);
            look(entry->path().string() + " (unpacked)", unpacked(bytes));
            ++files;
        }
        return files;
    }

    /// Command line and environment of every process outside the TEE's boundary.
    void look_at_processes()
    {
        const auto processes = net.processes();
        const auto is_app = [](const auto& process) { return process.name == "app"; };
        if (std::ranges::any_of(processes, is_app))
            for (const auto& process : processes)
                if (process.name == "agent" && std::ranges::find(worked, process.identity) == worked.end())
                    worked.push_back(process.identity);
        for (const auto& process : processes) {
            const std::string proc = "/proc/" + std::to_string(process.identity.pid);
            if (process.name == "app") {  // inside; and proof that this look sees what there is to see
                if (app_secret.is_in(test::slurp(proc + "/environ"))) saw_app = true;
                continue;
            }
            const std::string environment = test::slurp(proc + "/environ");
            const std::string command_line = test::slurp(proc + "/cmdline");
            // A container's first process becomes the app by exec, perhaps since the list was made: then this is the inside.
            // One that is gone by now cannot be told apart; the others like it are seen at other looks.
            if (command_line.empty() || command_line.starts_with("/app")) continue;
            look("the command line of " + process.name, command_line);
            look("the environment of " + process.name, environment);
            ++processes_seen;
        }
    }

    /// Blocks with their transactions, and all logs.
    std::uint64_t look_at_chain()
    {
        const net::HttpClient http({.max_response_bytes = 1U << 30});
        const chain::JsonRpcClient rpc(http, {.url = net.network().rpc_url});
        const net::CallContext call{.request_id = "canary", .deadline = net::deadline_in(60s)};
        const auto ask = [&](std::string method, std::string params) {
            const std::string answer = rpc.call({method, std::move(params)}, call).value();
            look("the chain, " + method, answer);
            return answer;
        };
        const std::uint64_t head = rpc.block_number(call).value();
        for (std::uint64_t n = 0; n <= head; ++n) ask("eth_getBlockByNumber", "[\"" + eth::U256(n).to_hex() + "\",true]");
        ask("eth_getLogs", R"([{"fromBlock":"0x0","toBlock":"latest"}])");
        const std::string quoted = ask("anvil_dumpState", "[]");
        look("the chain's state", unpacked(to_text(parse_hex0x(quoted.substr(1, quoted.size() - 2)).value())));
        return head;
    }

    test::DevnetRun net;
    Canary content{"dataset content"};
    Canary app_secret{"app secret"};
    Canary requester_secret{"requester secret"};
    Canary argument{"argument"};  // public; what the app makes of it is not
    Canary derived{"derived from the argument", std::string(argument.word.rbegin(), argument.word.rend())};
    std::vector<const Canary*> planted{&content, &app_secret, &requester_secret, &derived};
    std::set<std::string> found;
    std::atomic<bool> saw_app = false;
    std::vector<runtime::ProcessIdentity> worked;  ///< agents that were there beside an app
    std::size_t processes_seen = 0;
};

TEST_F(CanaryTest, NothingPlantedIsFoundOutsideTheTee)
{
    test::build_program_image(net.folder() / "image", IAPP_SANDBOX_PROBE, R"({"Entrypoint":["/app"]})");
    const std::string app = net.must({"deploy", net.folder() / "image", "--name", "mirror", "--secret-file",
                                      input(app_secret), "--wallet", "developer"})
                                .field("app");
    const std::string dataset =
        net.must({"protect", input(content), "--name", "plain name", "--wallet", "owner"}).field("dataset");
    net.must({"grant", dataset, "--app", app, "--user", "any", "--uses", "2", "--wallet", "owner"});
    net.must({"secret", "push", "token", "--file", input(requester_secret), "--wallet", "requester"});

    std::jthread watcher([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            look_at_processes();
            std::this_thread::sleep_for(5ms);
        }
    });
    net.must({"run", app, "--data", dataset, "--requester-secret", "1=token", "--args",
              "linger 1000 mirror " + argument.word, "--wallet", "requester", "--out", opened()});
    watcher.request_stop();
    watcher.join();

    // The run really handled all of them, and the requester got them.
    const std::string result = test::slurp(opened() / "result.txt");
    for (const Canary* canary : planted) EXPECT_TRUE(canary->is_in(result)) << canary->where;
    EXPECT_TRUE(derived.is_in(test::slurp(opened() / "stdout.txt")));
    EXPECT_TRUE(saw_app) << "the app was never seen with its secret";

    // The app is gone, and its agent as soon as it has tidied up; with them the memory-backed folder and everything in it.
    // The agent that waits for the next task has none.
    for (const auto& process : net.processes()) EXPECT_NE(process.name, "app");
    ASSERT_EQ(worked.size(), 1U);
    for (int tries = 0; tries < 1000 && runtime::is_alive(worked[0]); ++tries) std::this_thread::sleep_for(10ms);
    EXPECT_FALSE(runtime::is_alive(worked[0])) << "the agent outlived its task";
    for (const auto& entry : fs::recursive_directory_iterator(net.layout().work()))
        EXPECT_FALSE(entry.is_regular_file()) << entry.path();

    const std::uint64_t blocks = look_at_chain();
    const std::size_t files = look_at_files();
    net.stop();
    look_at_files();  // databases are written out when their programs end
    for (const std::string& leak : found) ADD_FAILURE() << leak;
    std::cout << "searched " << files << " files, " << blocks << " blocks, " << processes_seen << " looks at processes\n";
    EXPECT_GT(files, 30U);
    EXPECT_GT(blocks, 10U);
    EXPECT_GT(processes_seen, 100U);
}

/// The search itself finds what it should.
TEST(Canary, IsFoundInEverySpelling)
{
    const Canary canary{"test"};
    const auto text = as_bytes(canary.word);
    EXPECT_TRUE(canary.is_in("x" + canary.word + "y"));
    EXPECT_TRUE(canary.is_in("0x00" + hex(text) + "ff"));
    std::string upper = hex(text);
    std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    EXPECT_TRUE(canary.is_in(upper));
    for (std::size_t before = 0; before < 7; ++before)
        for (std::size_t after = 0; after < 4; ++after)
            EXPECT_TRUE(
                canary.is_in(codec::base64(as_bytes(std::string(before, '#') + canary.word + std::string(after, '%')))))
                << before << ' ' << after;
    EXPECT_FALSE(canary.is_in(Canary{"other"}.word));
}

}  // namespace
}  // namespace iapp
