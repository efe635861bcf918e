#pragma once
// Plays the kernel's configfs-tsm and tsm-mr files for one guest, and what goes wrong with them.
// Not a simulator of hardware: the evidence it returns is made by the test.
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "attest/event_log.hpp"
#include "tee/pseudo_files.hpp"

namespace iapp::test {

class FakeTsm : public tee::PseudoFiles {
public:
    static constexpr std::string_view kRoot = "/fake/tsm/report";
    static constexpr std::string_view kMeasurements = "/fake/measurements";

    std::string provider = "tdx_guest\n";
    std::function<Bytes(ByteView report_data)> make_evidence;
    Bytes auxblob;
    unsigned floor = 0;
    bool has_registers = true;
    std::array<Hash384, 4> rtmr{Hash384::zero(), Hash384::zero(), Hash384::zero(), Hash384::zero()};

    std::deque<std::errc> outblob_errors;  ///< answered first, one per read; the last one stays when `for_ever`
    bool for_ever = false;
    std::map<std::string, std::errc> errors;                 ///< by attribute name, or "mkdir", "rmdir": always
    std::function<void(std::uint64_t& generation)> between;  ///< runs after each read of outblob
    std::function<void(int index)> after_extension;          ///< runs after each write to a register
    std::deque<std::errc> extend_errors;                     ///< answered first, one per write
    bool extends_despite_error = false;
    bool drops_inputs = false;  ///< as configfs does when the write fails at close
    int taken_names = 0;        ///< so many mkdirs say: exists

    std::vector<std::string> made;  ///< every directory, in order
    std::set<std::string> present;  ///< those that are still there
    int outblob_reads = 0, extensions = 0;
    std::string privilege;  ///< what was written to privlevel

    tee::SystemResult<void> make_directory(const std::string& path) override
    {
        if (const auto found = errors.find("mkdir"); found != errors.end()) return std::unexpected(found->second);
        if (taken_names-- > 0) return std::unexpected(std::errc::file_exists);
        if (!path.starts_with(std::string(kRoot) + "/")) return std::unexpected(std::errc::no_such_file_or_directory);
        if (!present.insert(path).second) return std::unexpected(std::errc::file_exists);
        made.push_back(path);
        generation_ = 0;
        return {};
    }

    tee::SystemResult<void> remove_directory(const std::string& path) override
    {
        if (const auto found = errors.find("rmdir"); found != errors.end()) return std::unexpected(found->second);
        if (present.erase(path) == 0) return std::unexpected(std::errc::no_such_file_or_directory);
        return {};
    }

    tee::SystemResult<Bytes> read(const std::string& path, std::size_t max_bytes) override
    {
        auto bytes = content(path);
        if (bytes && bytes->size() > max_bytes) return std::unexpected(std::errc::file_too_large);
        return bytes;
    }

    tee::SystemResult<void> write(const std::string& path, ByteView bytes) override
    {
        if (path.starts_with(kMeasurements)) return extend(path, bytes);
        const auto name = attribute(path);
        if (!name) return std::unexpected(name.error());
        if (const auto found = errors.find(*name); found != errors.end()) return std::unexpected(found->second);
        if (*name == "privlevel") privilege = to_text(bytes);
        if (*name == "inblob") input_ = to_bytes(bytes);
        if (*name != "inblob" || !drops_inputs) ++generation_;
        return {};
    }

private:
    tee::SystemResult<std::string> attribute(const std::string& path) const
    {
        const auto slash = path.rfind('/');
        if (!present.contains(path.substr(0, slash))) return std::unexpected(std::errc::no_such_file_or_directory);
        return path.substr(slash + 1);
    }

    tee::SystemResult<Bytes> content(const std::string& path)
    {
        if (path.starts_with(kMeasurements)) return register_value(path);
        const auto name = attribute(path);
        if (!name) return std::unexpected(name.error());
        if (const auto found = errors.find(*name); found != errors.end()) return std::unexpected(found->second);
        if (*name == "provider") return to_bytes(provider);
        if (*name == "generation") return to_bytes(std::to_string(generation_) + "\n");
        if (*name == "privlevel_floor") return to_bytes(std::to_string(floor) + "\n");
        if (*name == "auxblob") return auxblob;
        if (*name == "outblob") return outblob();
        return std::unexpected(std::errc::no_such_file_or_directory);
    }

    tee::SystemResult<Bytes> outblob()
    {
        ++outblob_reads;
        if (!outblob_errors.empty()) {
            const auto code = outblob_errors.front();
            if (!for_ever) outblob_errors.pop_front();
            return std::unexpected(code);
        }
        Bytes evidence = make_evidence(input_);
        if (between) between(generation_);
        return evidence;
    }

    static int index_of(const std::string& path) { return path[kMeasurements.size() + 5] - '0'; }

    tee::SystemResult<Bytes> register_value(const std::string& path)
    {
        if (!has_registers) return std::unexpected(std::errc::no_such_file_or_directory);
        return to_bytes(rtmr[static_cast<std::size_t>(index_of(path))].bytes());
    }

    tee::SystemResult<void> extend(const std::string& path, ByteView bytes)
    {
        const int index = index_of(path);
        if (!has_registers) return std::unexpected(std::errc::no_such_file_or_directory);
        if (index < 2) return std::unexpected(std::errc::permission_denied);
        if (bytes.size() != Hash384::kSize) return std::unexpected(std::errc::invalid_argument);
        const bool fails = !extend_errors.empty();
        if (!fails || extends_despite_error) {
            auto& value = rtmr[static_cast<std::size_t>(index)];
            value = attest::extend(value, *Hash384::from_bytes(bytes));
            ++extensions;
            if (after_extension) after_extension(index);
        }
        if (!fails) return {};
        const auto code = extend_errors.front();
        extend_errors.pop_front();
        return std::unexpected(code);
    }

    std::uint64_t generation_ = 0;
    Bytes input_;
};

}  // namespace iapp::test
