#pragma once
// What the hub records: deals, tasks, contributions, accounts, categories. Values as viewDeal, viewTask, ... answer them.
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"
#include "eth/u256.hpp"
#include "poco/ids.hpp"
#include "poco/tag.hpp"

namespace iapp::poco {

using eth::Address;
using eth::U256;

struct DealResource {
    Address pointer = Address::zero();
    Address owner = Address::zero();  ///< at the time of the match; this one is paid
    U256 price;

    friend bool operator==(const DealResource&, const DealResource&) = default;
};

struct Deal {
    DealResource app;
    DealResource dataset;  ///< pointer zero: none
    DealResource workerpool;
    U256 trust;
    U256 category;
    Tag tag = Tag::zero();
    Address requester = Address::zero();
    Address beneficiary = Address::zero();
    Address callback = Address::zero();
    std::string params;
    UnixSeconds start_time{};
    std::uint64_t bot_first = 0;
    std::uint64_t bot_size = 0;
    U256 worker_stake;
    U256 scheduler_reward_ratio;
    Address sponsor = Address::zero();

    /// An unknown id answers all zero. The requester is no proof: a sponsored deal may name nobody.
    bool exists() const { return !app.pointer.is_zero(); }
    bool has_dataset() const { return !dataset.pointer.is_zero(); }
    bool has_task(std::uint64_t index) const { return index >= bot_first && index - bot_first < bot_size; }

    friend bool operator==(const Deal&, const Deal&) = default;
};

enum class TaskStatus : unsigned char { unset = 0, active = 1, revealing = 2, completed = 3, failed = 4 };
std::string_view name(TaskStatus status);  ///< "UNSET" "ACTIVE" ...

struct Task {
    TaskStatus status = TaskStatus::unset;
    DealId deal = DealId::zero();
    std::uint64_t index = 0;
    std::chrono::seconds timeref{0};  ///< the category's time
    UnixSeconds contribution_deadline{};
    UnixSeconds reveal_deadline{};  ///< zero until consensus
    UnixSeconds final_deadline{};
    Hash256 consensus_value = Hash256::zero();
    std::uint64_t reveal_counter = 0;
    std::uint64_t winner_counter = 0;
    std::vector<Address> contributors;
    Hash256 result_digest = Hash256::zero();
    Bytes results;  ///< the result link's text
    Bytes results_callback;

    bool exists() const { return status != TaskStatus::unset; }
    friend bool operator==(const Task&, const Task&) = default;
};

enum class ContributionStatus : unsigned char { unset = 0, contributed = 1, proved = 2, rejected = 3 };

struct Contribution {
    ContributionStatus status = ContributionStatus::unset;
    Hash256 result_hash = Hash256::zero();
    Hash256 result_seal = Hash256::zero();
    Address enclave_challenge = Address::zero();
    U256 weight;

    friend bool operator==(const Contribution&, const Contribution&) = default;
};

struct Account {
    U256 stake;  ///< free
    U256 locked;

    friend bool operator==(const Account&, const Account&) = default;
};

struct Category {
    std::string name;
    std::string description;
    std::chrono::seconds work_time{0};

    friend bool operator==(const Category&, const Category&) = default;
};

}  // namespace iapp::poco
