// The app of run_bench: the least an app can do, a computed.json that names itself.
#include <fcntl.h>
#include <unistd.h>

#include <string_view>

int main()
{
    constexpr std::string_view kText = R"({"deterministic-output-path":"/iexec_out/computed.json"})";
    const int fd = ::open("/iexec_out/computed.json", O_WRONLY | O_CREAT | O_TRUNC, 0644);
    return fd >= 0 && ::write(fd, kText.data(), kText.size()) == static_cast<ssize_t>(kText.size()) ? 0 : 1;
}
