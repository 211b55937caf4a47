"""What people do with scenarios and callbacks: a folder for each tool."""
