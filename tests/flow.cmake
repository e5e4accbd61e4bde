# tests of flow

# gpmq_python_test(NAME TIMEOUT_S ARGUMENTS...): tests/NAME.py as the test NAME.py, run by the
# interpreter that has Debian's modules.
function(gpmq_python_test name timeout_s)
  add_test(NAME ${name}.py COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py ${ARGN})
  set_tests_properties(${name}.py PROPERTIES TIMEOUT ${timeout_s}
    ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};GPMQ_BUILD_DIR=${CMAKE_BINARY_DIR};GPMQ_SANITIZE=${GPMQ_SANITIZE};PYTHONDONTWRITEBYTECODE=1")
endfunction()

gpmq_python_test(test_client 300)
gpmq_python_test(test_limits 300)
gpmq_python_test(test_operating 300)
gpmq_python_test(test_grows 900)
set_tests_properties(test_grows.py PROPERTIES LABELS slow)
gpmq_python_test(test_verdict 60)
gpmq_python_test(test_status 180)
# 200 kills in a run, half of them each.
gpmq_python_test(chaos 1800 --kills 100)
add_test(NAME chaos_again.py COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/chaos.py --kills 100)
get_test_property(chaos.py ENVIRONMENT of_chaos)
set_tests_properties(chaos_again.py PROPERTIES TIMEOUT 1800 LABELS slow ENVIRONMENT "${of_chaos}")
# Never too many at once, checked by the operations themselves; and what is planted is found.
gpmq_python_test(keys_hold 300 --kills 15)
get_test_property(keys_hold.py ENVIRONMENT of_keys_hold)
set_tests_properties(keys_hold.py PROPERTIES LABELS slow)
foreach(plant limit gpo)
  add_test(NAME keys_hold_finds_${plant} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/keys_hold.py
           --kills 30 --plant ${plant})
  set_tests_properties(keys_hold_finds_${plant} PROPERTIES TIMEOUT 300 LABELS slow ENVIRONMENT "${of_keys_hold}")
endforeach()
gpmq_python_test(test_operations_doc 30)
set_tests_properties(chaos.py PROPERTIES LABELS slow)

# Under a service manager, and in containers.
gpmq_python_test(test_systemd 120)
add_test(NAME compose COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_compose.py)
set_tests_properties(compose PROPERTIES TIMEOUT 1500 LABELS slow
  ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};PYTHONDONTWRITEBYTECODE=1")
