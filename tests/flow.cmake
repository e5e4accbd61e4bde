# tests of flow

# gpmq_python_test(NAME TIMEOUT_S ARGUMENTS...): tests/NAME.py as the test NAME.py, run by the
# interpreter that has Debian's modules.
function(gpmq_python_test name timeout_s)
  add_test(NAME ${name}.py COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py ${ARGN})
  set_tests_properties(${name}.py PROPERTIES TIMEOUT ${timeout_s}
    ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};GPMQ_BUILD_DIR=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1")
endfunction()

gpmq_python_test(test_client 300)
gpmq_python_test(test_verdict 60)
gpmq_python_test(test_status 180)
gpmq_python_test(chaos 1800)
gpmq_python_test(test_operations_doc 30)
set_tests_properties(chaos.py PROPERTIES LABELS slow)

# Under a service manager, and in containers.
gpmq_python_test(test_systemd 120)
add_test(NAME compose COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_compose.py)
set_tests_properties(compose PROPERTIES TIMEOUT 1500 LABELS slow
  ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
