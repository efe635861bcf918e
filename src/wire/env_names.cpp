#include "wire/env_names.hpp"

namespace iapp::wire::env {

std::string dataset_filename(std::uint64_t position) { return "IEXEC_DATASET_" + std::to_string(position) + "_FILENAME"; }

std::string input_file_name(std::uint64_t number) { return "IEXEC_INPUT_FILE_NAME_" + std::to_string(number); }

std::string requester_secret(std::uint64_t number) { return "IEXEC_REQUESTER_SECRET_" + std::to_string(number); }

}  // namespace iapp::wire::env
