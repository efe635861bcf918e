#include "simtee/boot_log.hpp"

namespace iapp::simtee {
namespace {

using attest::BootEvent;
using attest::BootLog;
using attest::HashAlgorithm;
namespace type = attest::boot_event;

void put(Bytes& out, std::uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_event(Bytes& out, const BootEvent& event)
{
    put(out, event.index, 4);
    put(out, event.type, 4);
    put(out, event.digests.size(), 4);
    for (const attest::BootEventDigest& digest : event.digests) {
        put(out, static_cast<std::uint16_t>(digest.algorithm), 2);
        append(out, digest.value);
    }
    put(out, event.data.size(), 4);
    append(out, event.data);
}

}  // namespace

BootEvent boot_event(std::uint32_t index, std::uint32_t event_type, ByteView data,
                     const std::vector<HashAlgorithm>& algorithms)
{
    BootEvent event{index, event_type, {}, to_bytes(data)};
    for (const HashAlgorithm algorithm : algorithms) {
        Bytes value = attest::digest(algorithm, data);
        value.resize(attest::digest_size(algorithm));
        event.digests.push_back({algorithm, std::move(value)});
    }
    return event;
}

BootEvent startup_locality(std::uint8_t locality, const std::vector<HashAlgorithm>& algorithms)
{
    Bytes data = to_bytes(std::string_view("StartupLocality\0", 16));
    data.push_back(locality);
    BootEvent event = boot_event(0, type::kNoAction, data, algorithms);
    for (attest::BootEventDigest& digest : event.digests) std::ranges::fill(digest.value, std::uint8_t{0});
    return event;
}

Bytes variable_data(std::string_view name, ByteView data)
{
    Bytes out(16, 0x61);
    put(out, name.size(), 8);
    put(out, data.size(), 8);
    for (const char c : name) put(out, static_cast<std::uint8_t>(c), 2);
    append(out, data);
    return out;
}

Bytes encode_boot_log_header(const std::vector<HashAlgorithm>& algorithms, std::string_view vendor)
{
    Bytes event = to_bytes(std::string_view("Spec ID Event03\0", 16));
    put(event, 0, 4);
    append(event, Bytes{0, 2, 0, 2});
    put(event, algorithms.size(), 4);
    for (const HashAlgorithm algorithm : algorithms) {
        put(event, static_cast<std::uint16_t>(algorithm), 2);
        put(event, attest::digest_size(algorithm), 2);
    }
    put(event, vendor.size(), 1);
    append(event, as_bytes(vendor));

    Bytes out;
    put(out, 0, 4);
    put(out, type::kNoAction, 4);
    out.resize(out.size() + 20);
    put(out, event.size(), 4);
    append(out, event);
    return out;
}

Bytes encode_boot_log(const BootLog& log)
{
    Bytes out = encode_boot_log_header(log.algorithms);
    for (const BootEvent& event : log.events) put_event(out, event);
    return out;
}

BootLog sample_tpm_log()
{
    const std::vector algorithms{HashAlgorithm::sha1, HashAlgorithm::sha256};
    const auto event = [&](std::uint32_t index, std::uint32_t event_type, ByteView data) {
        return boot_event(index, event_type, data, algorithms);
    };
    const Bytes separator(4, 0);
    BootLog log{algorithms, {startup_locality(3, algorithms)}};
    log.events.push_back(event(0, type::kCrtmVersion, as_bytes("1.0")));
    log.events.push_back(event(7, type::kEfiVariableDriverConfig, variable_data("SecureBoot", Bytes{1})));
    log.events.push_back(event(4, type::kEfiAction, as_bytes("Calling EFI Application from Boot Option")));
    for (std::uint32_t i = 0; i < 8; ++i) log.events.push_back(event(i, type::kSeparator, separator));
    log.events.push_back(event(8, type::kIpl, as_bytes("set default=0")));
    log.events.push_back(event(5, type::kEfiAction, as_bytes("Exit Boot Services Invocation")));
    return log;
}

BootLog sample_td_log()
{
    const std::vector algorithms{HashAlgorithm::sha384};
    const auto event = [&](std::uint32_t index, std::uint32_t event_type, ByteView data) {
        return boot_event(index, event_type, data, algorithms);
    };
    BootLog log{algorithms, {}};
    log.events.push_back(event(1, type::kEfiVariableDriverConfig, variable_data("SecureBoot", Bytes{1})));
    log.events.push_back(event(1, type::kSeparator, Bytes(4, 0)));
    log.events.push_back(event(2, type::kEfiAction, as_bytes("Calling EFI Application from Boot Option")));
    log.events.push_back(event(2, type::kSeparator, Bytes(4, 0)));
    BootEvent command = event(3, type::kIpl, as_bytes("linux /vmlinuz"));
    command.data = to_bytes(std::string_view("grub_cmd: linux /vmlinuz\0", 25));
    log.events.push_back(command);
    BootEvent kernel = event(3, type::kEventTag, as_bytes("the initial RAM disk"));
    kernel.data = to_bytes("Linux initrd");
    log.events.push_back(kernel);
    Bytes tagged = to_bytes("LEAA");
    const std::string_view text = "example.org start container-1";
    put(tagged, text.size(), 4);
    append(tagged, as_bytes(text));
    log.events.push_back(event(4, type::kEventTag, tagged));
    return log;
}

}  // namespace iapp::simtee
