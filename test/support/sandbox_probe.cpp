// A hostile app: each verb tries one thing a sandboxed app must not be able to do, or plays one honest app.
// Exit 0: it worked. Exit 1..125: it did not, and the number is an errno. One file, static, no libraries of ours.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using Words = std::vector<std::string>;

int answer(bool worked) { return worked ? 0 : std::clamp(errno, 1, 125); }

/// connect HOST PORT
int connect_out(const Words& words)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) return answer(false);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(words.at(1))));
    ::inet_pton(AF_INET, words.at(0).c_str(), &to.sin_addr);
    return answer(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
}

/// socket DOMAIN TYPE
int open_socket(const Words& words) { return answer(::socket(std::stoi(words.at(0)), std::stoi(words.at(1)), 0) >= 0); }

int see_others(const Words&)
{
    DIR* proc = ::opendir("/proc");
    if (proc == nullptr) return answer(false);
    errno = ESRCH;
    for (const dirent* entry = ::readdir(proc); entry != nullptr; entry = ::readdir(proc))
        if (const int pid = std::atoi(entry->d_name); pid > 1 && pid != ::getpid()) return 0;
    errno = ESRCH;
    return answer(false);
}

/// write PATH
int write_file(const Words& words)
{
    const int fd = ::open(words.at(0).c_str(), O_WRONLY | O_CREAT, 0600);
    return answer(fd >= 0 && ::write(fd, "x", 1) == 1);
}

/// read PATH: copies it to standard output
int read_file(const Words& words)
{
    std::ifstream file(words.at(0));
    if (!file) return answer(false);
    std::cout << file.rdbuf() << std::flush;
    return 0;
}

int sleep_on(const Words&)
{
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGINT, SIG_IGN);
    std::puts("awake");
    std::fflush(stdout);
    for (;;) ::pause();
}

/// A process in its own session that holds standard output open, while its parent ends well.
int leave_orphan(const Words&)
{
    if (::fork() == 0) {
        ::setsid();
        if (::fork() == 0) return sleep_on({});
        return 0;
    }
    return 0;
}

/// memory MIB
int use_memory(const Words& words)
{
    for (int i = 0; i < std::stoi(words.at(0)); ++i) {
        void* block = std::malloc(1 << 20);
        if (block == nullptr) return answer(false);
        std::memset(block, i + 1, 1 << 20);
    }
    return 0;
}

/// Prints how many processes it got.
int fork_bomb(const Words&)
{
    int children = 0;
    for (; children < 5000; ++children) {
        const pid_t pid = ::fork();
        if (pid < 0) break;
        if (pid == 0)
            for (;;) ::pause();
    }
    std::printf("%d\n", children);
    return 0;
}

int new_namespace(const Words&)
{
    for (const int flag :
         {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP})
        if (::unshare(flag) == 0) return 0;
    if (::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr) >= 0) return 0;
    return answer(false);
}

int trace(const Words&)
{
    const pid_t child = ::fork();
    if (child == 0)
        for (;;) ::pause();
    const bool worked = ::ptrace(PTRACE_SEIZE, child, nullptr, nullptr) == 0;
    const int code = answer(worked);
    ::kill(child, SIGKILL);
    return code;
}

int mount_tmpfs(const Words&) { return answer(::mount("none", "/tmp", "tmpfs", 0, "") == 0); }

/// mknod PATH: a block device
int make_device(const Words& words) { return answer(::mknod(words.at(0).c_str(), S_IFBLK | 0600, 0x0800) == 0); }

/// syscall NUMBER: with zero arguments, to see whether the filter lets it through
int any_call(const Words& words) { return answer(::syscall(std::stol(words.at(0)), 0, 0, 0, 0, 0, 0) >= 0); }

/// fill PATH: writes zeros until the file system refuses; prints MiB
int fill(const Words& words)
{
    const int fd = ::open(words.at(0).c_str(), O_WRONLY | O_CREAT, 0600);
    const std::string block(1 << 20, '\0');
    int written = 0;
    while (fd >= 0 && written < 4096 && ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()))
        ++written;
    std::printf("%d\n", written);
    return 0;
}

/// flood BYTES
int flood(const Words& words)
{
    const std::string block(65536, 'x');
    for (long left = std::stol(words.at(0)); left > 0; left -= 65536) std::cout << block;
    std::cout.flush();
    return 0;
}

/// Prints every variable and argument.
int tell(const Words& words)
{
    for (char** entry = environ; *entry != nullptr; ++entry) std::puts(*entry);
    for (const auto& word : words) std::printf("arg:%s\n", word.c_str());
    return 0;
}

/// A fault, not a raised signal: those do not reach the first process of a namespace.
int crash(const Words&)
{
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
    return 0;
}

/// exit CODE
int leave(const Words& words) { return std::stoi(words.at(0)); }

void write_text(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

/// result TEXT: an honest app: result.txt and computed.json
int result(const Words& words)
{
    write_text("/iexec_out/result.txt", words.at(0));
    write_text("/iexec_out/computed.json", R"({"deterministic-output-path":"/iexec_out/result.txt"})");
    return 0;
}

/// computed JSON: writes result.txt and exactly this computed.json
int computed(const Words& words)
{
    write_text("/iexec_out/result.txt", "result");
    write_text("/iexec_out/computed.json", words.at(0));
    return 0;
}

/// Copies every input file's name and content, and the environment, into result.txt.
int report(const Words& words)
{
    std::ofstream out("/iexec_out/result.txt");
    DIR* folder = ::opendir("/iexec_in");
    Words names;
    for (const dirent* entry = ::readdir(folder); entry != nullptr; entry = ::readdir(folder))
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
        std::ifstream file("/iexec_in/" + name);
        out << "file " << name << ' ' << std::string(std::istreambuf_iterator<char>(file), {}) << '\n';
    }
    Words variables;
    for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
    std::sort(variables.begin(), variables.end());
    for (const auto& variable : variables) out << "env " << variable << '\n';
    for (const auto& word : words) out << "arg " << word << '\n';
    write_text("/iexec_out/computed.json", R"({"deterministic-output-path":"/iexec_out/result.txt"})");
    std::puts("logged by the app");
    return 0;
}

std::string hex(const std::string& bytes)
{
    std::string out;
    for (const unsigned char byte : bytes) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

void dump_files(std::ofstream& out, const std::string& folder, const std::string& below)
{
    Words names;
    DIR* stream = ::opendir(folder.c_str());
    for (const dirent* entry = ::readdir(stream); entry != nullptr; entry = ::readdir(stream))
        names.emplace_back(entry->d_name);
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    for (const auto& name : names) {
        struct stat facts = {};
        ::lstat((folder + name).c_str(), &facts);
        if (S_ISDIR(facts.st_mode) && name != "." && name != "..") dump_files(out, folder + name + "/", below + name + "/");
        if (!S_ISREG(facts.st_mode)) continue;
        std::ifstream file(folder + name, std::ios::binary);
        out << "file " << hex(below + name) << ' ' << hex({std::istreambuf_iterator<char>(file), {}}) << '\n';
    }
}

/// An honest app that writes down exactly what it sees, bytes as hex: variables, arguments, input files. Says a word on both
/// streams.
int dump(const Words& words)
{
    std::ofstream out("/iexec_out/dump.txt");
    for (char** entry = environ; *entry != nullptr; ++entry) out << "env " << hex(*entry) << '\n';
    for (const auto& word : words) out << "arg " << hex(word) << '\n';
    dump_files(out, "/iexec_in/", "");
    write_text("/iexec_out/computed.json", R"({"deterministic-output-path":"/iexec_out/dump.txt"})");
    std::puts("said on stdout");
    std::fputs("said on stderr\n", stderr);
    return 0;
}

/// mirror WORDS ...: report, and the words backwards: in the result, on both streams
int mirror(const Words& words)
{
    const int code = report(words);
    std::string backwards;
    for (const auto& word : words) backwards += std::string(word.rbegin(), word.rend()) + '\n';
    std::ofstream("/iexec_out/result.txt", std::ios::app) << backwards;
    std::cout << backwards << std::flush;
    std::cerr << backwards << std::flush;
    return code;
}

int dispatch(const Words& words);

/// linger MS VERB ...: the verb, after a while
int linger(const Words& words)
{
    ::usleep(static_cast<useconds_t>(std::stoi(words.at(0)) * 1000));
    return dispatch(Words(words.begin() + 1, words.end()));
}

struct Verb {
    const char* name;
    int (*run)(const Words&);
};
constexpr Verb kVerbs[] = {{"connect", connect_out},
                           {"socket", open_socket},
                           {"see-others", see_others},
                           {"write", write_file},
                           {"read", read_file},
                           {"sleep", sleep_on},
                           {"orphan", leave_orphan},
                           {"memory", use_memory},
                           {"fork-bomb", fork_bomb},
                           {"namespace", new_namespace},
                           {"trace", trace},
                           {"mount", mount_tmpfs},
                           {"mknod", make_device},
                           {"syscall", any_call},
                           {"fill", fill},
                           {"flood", flood},
                           {"tell", tell},
                           {"crash", crash},
                           {"exit", leave},
                           {"result", result},
                           {"computed", computed},
                           {"report", report},
                           {"dump", dump},
                           {"mirror", mirror},
                           {"linger", linger}};

int dispatch(const Words& words)
{
    for (const auto& verb : kVerbs)
        if (!words.empty() && words.front() == verb.name) return verb.run(Words(words.begin() + 1, words.end()));
    return 126;
}

}  // namespace

int main(int argc, char** argv) { return dispatch(Words(argv + std::min(argc, 1), argv + argc)); }
