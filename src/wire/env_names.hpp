#pragma once
// Names of environment variables an app sees inside the sandbox, as iExec's contract spells them.
// No program of ours reads its own settings from the environment.
#include <cstdint>
#include <string>
#include <string_view>

namespace iapp::wire::env {

inline constexpr std::string_view kTaskId = "IEXEC_TASK_ID";
inline constexpr std::string_view kDealId = "IEXEC_DEAL_ID";
inline constexpr std::string_view kTaskIndex = "IEXEC_TASK_INDEX";
inline constexpr std::string_view kIn = "IEXEC_IN";
inline constexpr std::string_view kOut = "IEXEC_OUT";
inline constexpr std::string_view kBotSize = "IEXEC_BOT_SIZE";
inline constexpr std::string_view kBotFirstIndex = "IEXEC_BOT_FIRST_INDEX";
inline constexpr std::string_view kBotTaskIndex = "IEXEC_BOT_TASK_INDEX";
inline constexpr std::string_view kDatasetAddress = "IEXEC_DATASET_ADDRESS";
inline constexpr std::string_view kDatasetFilename = "IEXEC_DATASET_FILENAME";
inline constexpr std::string_view kBulkSliceSize = "IEXEC_BULK_SLICE_SIZE";
inline constexpr std::string_view kInputFilesNumber = "IEXEC_INPUT_FILES_NUMBER";
inline constexpr std::string_view kInputFilesFolder = "IEXEC_INPUT_FILES_FOLDER";
inline constexpr std::string_view kAppDeveloperSecret = "IEXEC_APP_DEVELOPER_SECRET";
inline constexpr std::string_view kAppDeveloperSecret1 = "IEXEC_APP_DEVELOPER_SECRET_1";

/// "IEXEC_DATASET_<i>_FILENAME", i from 1.
std::string dataset_filename(std::uint64_t position);
/// "IEXEC_INPUT_FILE_NAME_<i>", i from 1.
std::string input_file_name(std::uint64_t number);
/// "IEXEC_REQUESTER_SECRET_<n>", n from 1.
std::string requester_secret(std::uint64_t number);

}  // namespace iapp::wire::env
