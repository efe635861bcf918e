#pragma once
// A PostgreSQL server of our own for tests: a fresh cluster in a temporary folder, reached through a socket there, gone with
// the test program. The server refuses to run as root, so it runs as `postgres` or `nobody` then.
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "store/database.hpp"

namespace iapp::test {

class PostgresServer {
public:
    /// Empty when this machine has no server.
    static std::filesystem::path find_programs()
    {
        std::error_code ignored;
        for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", ignored))
            if (std::filesystem::exists(version.path() / "bin" / "postgres")) return version.path() / "bin";
        return {};
    }

    /// The one of this test program; null when there is no server to run. It is made by the first call.
    static PostgresServer* shared()
    {
        if (find_programs().empty()) return nullptr;
        static PostgresServer server;
        return &server;
    }

    PostgresServer()
    {
        std::string name = "/tmp/iapp-pg-XXXXXX";  // short: the socket's path is limited
        directory_ = ::mkdtemp(name.data());
        const passwd* const user = owner();
        if (user) {
            EXPECT_EQ(::chown(directory_.c_str(), user->pw_uid, user->pw_gid), 0);
        }
        const pid_t made =
            spawn({"initdb", "-D", data(), "-U", "iapp", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
        int status = -1;
        EXPECT_EQ(::waitpid(made, &status, 0), made);
        EXPECT_EQ(status, 0) << "initdb failed";
        start();
    }
    ~PostgresServer()
    {
        stop();
        std::filesystem::remove_all(directory_);
    }
    PostgresServer(PostgresServer&&) = delete;

    void start()
    {
        pid_ = spawn(
            {"postgres", "-D", data(), "-k", directory_.string(), "-c", "listen_addresses=", "-c", "max_connections=50"});
        const auto begun = std::chrono::steady_clock::now();
        while (!store::Database::open(url(), {}) && std::chrono::steady_clock::now() - begun < std::chrono::seconds(60))
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }

    /// SIGINT: connections are closed; SIGQUIT: as after a crash.
    void stop(int signal = SIGINT)
    {
        if (pid_ <= 0) return;
        ::kill(pid_, signal);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

    pid_t pid() const { return pid_; }
    std::filesystem::path socket() const { return directory_ / ".s.PGSQL.5432"; }
    std::string url() const { return url_through(directory_); }
    static std::string url_through(const std::filesystem::path& folder)
    {
        return "postgresql:///postgres?user=iapp&host=" + folder.string();
    }

    /// A schema that nobody else uses, as a URL.
    std::string fresh_url()
    {
        static std::atomic<int> counter = 0;
        const std::string name = "s" + std::to_string(::getpid()) + "_" + std::to_string(++counter);
        auto database = store::Database::open(url(), {});
        EXPECT_TRUE(database && database->run("CREATE SCHEMA " + name));
        return url() + "&options=-csearch_path%3D" + name;
    }

private:
    static const passwd* owner()
    {
        if (::geteuid() != 0) return nullptr;
        const passwd* const user = ::getpwnam("postgres");
        return user ? user : ::getpwnam("nobody");
    }

    std::string data() const { return (directory_ / "data").string(); }

    /// Output goes to a file in the folder; the child dies with this program.
    pid_t spawn(std::vector<std::string> command) const
    {
        command.front() = (find_programs() / command.front()).string();
        std::vector<char*> arguments;
        for (std::string& word : command) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const passwd* const user = owner();
        const uid_t uid = user ? user->pw_uid : 0;
        const gid_t gid = user ? user->pw_gid : 0;
        const pid_t child = ::fork();
        if (child != 0) return child;
        if (::chdir(directory_.c_str()) != 0 || !std::freopen("log", "a", stderr) || !std::freopen("/dev/null", "a", stdout))
            ::_exit(1);
        if (user && (::setgid(gid) != 0 || ::setuid(uid) != 0)) ::_exit(1);
        ::prctl(PR_SET_PDEATHSIG, SIGINT);
        ::execv(arguments[0], arguments.data());
        ::_exit(1);
    }

    std::filesystem::path directory_;
    pid_t pid_ = -1;
};

}  // namespace iapp::test
