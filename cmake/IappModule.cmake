# iapp_module(NAME attest DEPS base codec crypto [LIBS OpenSSL::Crypto] [TEST_DEPS simtee] [TEST_LIBS ...] [SLOW_TESTS x_test])
#
# Declares a room once. Every *.cpp in the folder (and in its internal/) becomes the library iapp_<name>;
# every *_test.cpp becomes part of <name>_test, run by ctest with the room's name as label. Target unit_tests builds them all.
# DEPS are rooms; tools/check-layers reads the same line and checks every #include against it.
# Libraries of LIBS are linked PRIVATE: a header of one room never includes another party's header.
add_custom_target(unit_tests)
function(iapp_module)
    cmake_parse_arguments(M "" "NAME" "DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp internal/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(TRANSFORM M_DEPS PREPEND iapp_)
    list(TRANSFORM M_TEST_DEPS PREPEND iapp_)

    add_library(iapp_${M_NAME} STATIC ${sources})
    target_include_directories(iapp_${M_NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(iapp_${M_NAME} PUBLIC ${M_DEPS} PRIVATE ${M_LIBS} Threads::Threads)

    if(tests AND NOT IAPP_FUZZ)
        add_executable(${M_NAME}_test ${tests})
        target_include_directories(${M_NAME}_test PRIVATE ${CMAKE_SOURCE_DIR}/test)  # support/*.hpp
        target_link_libraries(${M_NAME}_test PRIVATE iapp_${M_NAME} ${M_TEST_DEPS} ${M_LIBS} ${M_TEST_LIBS} GTest::gmock GTest::gtest_main)
        add_dependencies(unit_tests ${M_NAME}_test)
        add_test(NAME ${M_NAME}_test COMMAND ${M_NAME}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(${M_NAME}_test PROPERTIES LABELS "unit;${M_NAME}" TIMEOUT 600)
    endif()
endfunction()
